using System.Globalization;
using System.Text.Json;
using Llama2.Evaluation;

namespace Llama2.Cli.Tests.Commands;

public sealed class PerplexityCommandTests : IDisposable
{
    private static readonly string s_text = string.Concat(Enumerable.Repeat("Once upon a time, there was a kind boy. He saw a dog. ", 12));

    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public PerplexityCommandTests() => File.WriteAllText(_path = _folder.File("text.txt"), s_text);

    [Fact]
    public async Task Perplexity_Windows_WritesTheLibrarysFigureAndItsDefinition()
    {
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        WindowedPerplexity expected = await Perplexity.ComputeWindowedAsync(model, s_text, 64, 2);

        CommandRun run = await CommandRun.OfAsync("perplexity", TestModels.Demonstration, _path, "--window", "64", "--limit", "2");

        run.ShouldSucceed();
        run.Output.Should().Be(string.Create(
            CultureInfo.InvariantCulture,
            $"perplexity {expected.Perplexity:F4} ± {expected.StandardError:F4}  (as llama.cpp: the second half of each window of 64 tokens; windows: 2, tokens scored: 62)\n"));
    }

    [Fact]
    public async Task Perplexity_TextInLatin1_IsRefusedByItsEncoding()
    {
        File.WriteAllBytes(_path, System.Text.Encoding.Latin1.GetBytes(s_text + "Il était une fois."));

        (await CommandRun.OfAsync("perplexity", TestModels.Demonstration, _path)).ShouldFailInOneLine(1).Should().Contain("the byte 0xE9, which is 'é' in Latin-1 and not valid UTF-8");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Perplexity_TextInUtf16_IsReadWholeOrRefused(bool isBigEndian)
    {
        var encoding = new System.Text.UnicodeEncoding(isBigEndian, byteOrderMark: true);
        byte[] whole = [.. encoding.GetPreamble(), .. encoding.GetBytes(s_text)], half = [.. encoding.GetPreamble(), .. isBigEndian ? (byte[])[0xD8, 0x3D, 0, (byte)'a'] : [0x3D, 0xD8, (byte)'a', 0]];
        string expected = (await CommandRun.OfAsync("perplexity", TestModels.Demonstration, _path)).Output;

        File.WriteAllBytes(_path, whole);
        (await CommandRun.OfAsync("perplexity", TestModels.Demonstration, _path)).Output.Should().Be(expected);
        File.WriteAllBytes(_path, whole[..^1]);
        (await CommandRun.OfAsync("perplexity", TestModels.Demonstration, _path)).ShouldFailInOneLine(1).Should().Contain("text.txt").And.Contain("number of bytes is odd");
        File.WriteAllBytes(_path, half);
        (await CommandRun.OfAsync("perplexity", TestModels.Demonstration, _path)).ShouldFailInOneLine(1).Should().Contain("text.txt").And.Contain("half of a surrogate pair");
    }

    [Fact]
    public async Task Perplexity_BothAsJson_HasEachDefinitionsFigures()
    {
        using LlamaModel model = LlamaModel.Load(TestModels.Demonstration);
        RollingPerplexity rolling = await Perplexity.ComputeRollingAsync(model, s_text, 64);

        CommandRun run = await CommandRun.OfAsync("perplexity", TestModels.Demonstration, _path, "--window", "64", "--method", "both", "--json");

        run.ShouldSucceed();
        JsonElement root = JsonElement.Parse(run.Output);
        root.GetProperty("windows").GetProperty("window_length").GetInt32().Should().Be(64);
        JsonElement actual = root.GetProperty("rolling");
        actual.GetProperty("word_perplexity").GetDouble().Should().Be(rolling.WordPerplexity);
        actual.GetProperty("bits_per_byte").GetDouble().Should().Be(rolling.BitsPerByte);
        actual.GetProperty("token_count").GetInt64().Should().Be(rolling.TokenCount);
    }

    [Fact]
    public async Task Perplexity_Rolling_NamesEachUnit()
    {
        CommandRun run = await CommandRun.OfAsync("perplexity", TestModels.Demonstration, _path, "--method", "rolling");

        run.ShouldSucceed();
        run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split("  ")[0])
            .Should().Equal("rolling, every token scored once (as lm-evaluation-harness):", "word perplexity", "byte perplexity", "bits per byte", "token perplexity");
    }

    [Theory]
    [InlineData(1, "two windows of 512 are needed", "--window", "512")]
    [InlineData(2, "--window: '0' is not a whole number from 1 to", "--window", "0")]
    [InlineData(2, "--limit is for --method windows", "--limit", "1", "--method", "rolling")]
    public async Task Perplexity_WhatCannotBe_IsOneLine(int exitCode, string message, params string[] options) =>
        (await CommandRun.OfAsync(["perplexity", TestModels.Demonstration, _path, .. options])).ShouldFailInOneLine(exitCode).Should().Contain(message);

    public void Dispose() => _folder.Dispose();
}
