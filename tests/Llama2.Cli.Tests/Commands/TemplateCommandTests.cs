using System.Text;
using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Commands;

public class TemplateCommandTests
{
    [GoldenFact]
    public async Task Template_GoldenCases_AreAsJinja2HasThem()
    {
        string path = RepositoryFiles.Golden("chat", "cases.jsonl");

        CommandRun run = await CommandRun.OfAsync("template", "--jsonl", path);

        run.ShouldSucceed();
        string[] cases = await File.ReadAllLinesAsync(path), answers = run.Output.TrimEnd('\n').Split('\n');
        answers.Should().HaveSameCount(cases);
        foreach ((string line, string answerLine) in cases.Zip(answers))
        {
            using JsonDocument golden = JsonDocument.Parse(line), answer = JsonDocument.Parse(answerLine);
            Member(answer, "rendered").Should().Be(Member(golden, "rendered"));
            if (Member(golden, "error") is string error)
                Member(answer, "error").Should().Contain(error);
            else
                Member(answer, "error").Should().BeNull();
        }
    }

    [Fact]
    public async Task Template_StandardInput_AnswersEachLine()
    {
        CommandRun run = await RenderAsync("""
            {"template":"{{ bos_token }}{{ messages[0].content[0].text }}{{ eos_token }}{{ tools }}","messages":[{"content":[{"text":"é\n"}]}],"bos_token":"<s>","eos_token":null}
            {"template":"{{ raise_exception('no!') }}","messages":[]}
            {"template":"{% if add_generation_prompt %}{{ tools|length }}","messages":[]}
            {"template":"{{ add_generation_prompt }}{{ tools|length }}","messages":[],"add_generation_prompt":true,"tools":[1,2],"other":0}
            """);

        run.ShouldSucceed();
        string[] lines = run.Output.Split('\n');
        lines.Should().HaveCount(5);
        lines[0].Should().Be("""{"rendered":"<s>é\n","error":null}""");
        lines[1].Should().Be("""{"rendered":null,"error":"no!"}""");
        lines[2].Should().StartWith("{\"rendered\":null,\"error\":\"Chat template, line 1, column 4: 'if' has no end");
        lines[3].Should().Be("""{"rendered":"True2","error":null}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"template\":")]
    [InlineData("[]")]
    [InlineData("{\"template\":\"\"}")]
    [InlineData("{\"messages\":[]}")]
    [InlineData("{\"messages\":[],\"template\":1}")]
    [InlineData("{\"messages\":[],\"template\":\"\\ud800\"}")]
    [InlineData("{\"messages\":[],\"template\":\"\",\"bos_token\":1}")]
    [InlineData("{\"messages\":[],\"template\":\"\",\"add_generation_prompt\":\"yes\"}")]
    [InlineData("{\"messages\":[],\"template\":\"\u00FF\"}", "Latin1")]
    public async Task Template_MalformedLine_AnswersThoseBeforeAndNamesItsNumber(string line, string encoding = "utf-8")
    {
        byte[] good = Encoding.UTF8.GetBytes("{\"template\":\"a\",\"messages\":[]}\n");

        CommandRun run = await CommandRun.OfAsync(["template", "--jsonl", "-"], [.. good, .. Encoding.GetEncoding(encoding).GetBytes(line + "\n"), .. good]);

        run.ExitCode.Should().Be(1);
        run.Output.Should().Be("{\"rendered\":\"a\",\"error\":null}\n");
        run.Error.Should().MatchRegex("^llama2: error: line 2: .*\n$");
    }

    [Fact]
    public async Task Template_MissingFile_Exits1() =>
        (await CommandRun.OfAsync("template", "--jsonl", "no-such-file")).ShouldFailInOneLine(1).Should().Contain("There is no file 'no-such-file'");

    [Fact]
    public async Task Template_NoFileNamed_Exits2() =>
        (await CommandRun.OfAsync("template")).ShouldFailInOneLine(2).Should().Contain("--jsonl is missing; give --jsonl FILE").And.Contain("llama2 template --help");

    private static Task<CommandRun> RenderAsync(string input) => CommandRun.OfAsync(["template", "--jsonl", "-"], Encoding.UTF8.GetBytes(input));

    private static string? Member(JsonDocument document, string name) => document.RootElement.GetProperty(name).GetString();
}
