using System.Text;
using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public class TokenizeCommandTests
{
    [GoldenTheory]
    [InlineData("tokenizer.model")]
    [InlineData("ggml-vocab-llama-spm.gguf")]
    public async Task Tokenize_GoldenCases_GivesTheIdsAndTextsOfSentencePiece(string vocabulary)
    {
        string cases = RepositoryFiles.Golden("tokenizer", "cases.jsonl");

        CommandRun run = await CommandRun.OfAsync("tokenize", RepositoryFiles.Golden("tokenizer", vocabulary), "--jsonl", cases);

        run.ShouldSucceed();
        string[] expected = [.. (await File.ReadAllLinesAsync(cases)).Select(line => Canonical(line))];
        string[] actual = [.. run.Output.TrimEnd('\n').Split('\n').Select(line => Canonical(line))];
        expected.Should().HaveCount(947);
        actual.Should().Equal(expected);
    }

    [Fact]
    public async Task Tokenize_StandardInput_AnswersEachLineInReadableJson()
    {
        CommandRun run = await EncodeAsync("{\"text\":\"Hello wörld\"}\r\n{\"other\":[1],\"text\":\"\"}\n{\"text\":\" 1\"}");

        run.ShouldSucceed();
        string[] lines = run.Output.Split('\n');
        lines.Should().HaveCount(4);
        lines[0].Should().StartWith("{\"ids\":[360,938,").And.EndWith("],\"decoded\":\"Hello wörld\"}");
        lines[1].Should().Be("{\"ids\":[],\"decoded\":\"\"}");
        Canonical(lines[2]).Should().EndWith("|U+0020U+0031");
        lines[3].Should().BeEmpty();
    }

    [Fact]
    public async Task Tokenize_ByteOrderMarkFirst_IsDropped() =>
        (await EncodeAsync("\uFEFF{\"text\":\"a\"}\n")).Output.Should().EndWith("\"decoded\":\"a\"}\n");

    [Fact]
    public async Task Tokenize_LoneSurrogates_CountAsReplacementCharacters()
    {
        CommandRun lone = await EncodeAsync("""{"text":"a\ud800\"\\\/\n\t\u00e9b\udc00"}""");
        CommandRun replaced = await EncodeAsync("{\"text\":\"a\uFFFD\\\"\\\\/\\n\\t\u00e9b\uFFFD\"}");

        lone.ShouldSucceed();
        lone.Output.Should().Be(replaced.Output).And.EndWith("\"decoded\":\"a\uFFFD\\\"\\\\/\\n\\té" + "b\uFFFD\"}\n");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"text\":")]
    [InlineData("{\"text\":1}")]
    [InlineData("{\"texts\":\"a\"}")]
    [InlineData("[\"text\"]")]
    [InlineData("{\"text\":\"\u00FF\"}", "Latin1")]
    [InlineData("{\"text\":\"\\ud800\u00FF\"}", "Latin1")]
    [InlineData("{\"\u00FF\":1,\"text\":\"a\"}", "Latin1")]
    public async Task Tokenize_MalformedLine_AnswersThoseBeforeAndNamesItsNumber(string line, string encoding = "utf-8")
    {
        byte[] input = [.. "{\"text\":\"a\"}\n"u8, .. Encoding.GetEncoding(encoding).GetBytes(line + "\n"), .. "{\"text\":\"b\"}\n"u8];

        CommandRun run = await EncodeAsync(input);

        run.ExitCode.Should().Be(1);
        run.Output.Should().EndWith("\"decoded\":\"a\"}\n");
        run.Error.Should().MatchRegex("^llama2: error: line 2: .*\n$");
    }

    [Fact]
    public async Task Tokenize_Text_ShowsIdsAndPieces()
    {
        CommandRun run = await CommandRun.OfAsync("tokenize", TestModels.Demonstration, "--text", "Hello w");

        run.ShouldSucceed();
        run.Output.Should().Be("   360  ▁H\n   938  ello\n   266  ▁w\n");
    }

    private static Task<CommandRun> EncodeAsync(string input) => EncodeAsync(Encoding.UTF8.GetBytes(input));

    private static Task<CommandRun> EncodeAsync(byte[] input) => CommandRun.OfAsync(["tokenize", TestModels.Demonstration, "--jsonl", "-"], input);

    /// <summary>The ids and the text of an output line, with its JSON escapes resolved.</summary>
    private static string Canonical(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        IEnumerable<string> units = json.RootElement.GetProperty("decoded").GetString()!.Select(character => $"U+{(int)character:X4}");
        return $"{string.Join(',', json.RootElement.GetProperty("ids").EnumerateArray())}|{string.Concat(units)}";
    }
}
