using System.Net;
using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Server.Tests.Endpoints;

/// <summary>Log-probabilities of prompts, as evaluation programs ask for them: <c>echo</c> with <c>logprobs</c> and few or no generated tokens.</summary>
public sealed class CompletionScoresTests(Storyteller storyteller, DemonstrationModel demonstration) : IClassFixture<Storyteller>, IClassFixture<DemonstrationModel>
{
    private const string Path = "/v1/completions";
    private const string Text = "Once upon a time, a cow saw €5.";
    private readonly LlamaModel _model = demonstration.Model;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Post_TokensEchoedWithLogprobs_HaveTheLogProbabilitiesOfTheModel(int maxTokens)
    {
        int[] tokens = _model.Tokenizer.Encode(Text);
        ScoredToken[] expected = await _model.ComputeTopLogProbabilitiesAsync(tokens, 2);

        JsonElement choice = await AskAsync($$"""{"prompt": [{{string.Join(",", tokens)}}], "echo": true, "logprobs": 2, "max_tokens": {{maxTokens}}, "temperature": 0}""");

        JsonElement logprobs = choice.GetProperty("logprobs");
        float?[] actual = [.. logprobs.GetProperty("token_logprobs").EnumerateArray().Select(Number)];
        actual.Should().HaveCount(tokens.Length + maxTokens);
        actual[0].Should().BeNull();
        actual.Skip(1).Take(expected.Length).Should().Equal(expected.Select(scored => (float?)scored.LogProbability));
        JsonElement[] tops = [.. logprobs.GetProperty("top_logprobs").EnumerateArray()];
        tops[0].ValueKind.Should().Be(JsonValueKind.Null);
        tops.Skip(1).Take(expected.Length).Select(top => top.EnumerateObject().Max(likely => likely.Value.GetSingle()))
            .Should().Equal(expected.Select(scored => scored.TopLogProbabilities[0].LogProbability));
        logprobs.GetProperty("tokens").GetArrayLength().Should().Be(actual.Length);
        choice.GetProperty("text").GetString().Should().StartWith(Text);
        choice.GetProperty("finish_reason").GetString().Should().Be("length");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_TextEchoedWithLogprobs_HasTheTokensOfTheText(bool streams)
    {
        int[] tokens = _model.Tokenizer.Encode(Text)[1..];
        string fields = $$""" "prompt": "{{Text}}", "echo": true, "logprobs": 1, "max_tokens": 3, "temperature": 0 """;

        JsonElement[] choices = streams
            ? [.. (await storyteller.Server.StreamAsync(Path, $$"""{ {{fields}}, "stream": true }""")).SkipLast(1).Select(item => JsonElement.Parse(item).GetProperty("choices")[0])]
            : [await AskAsync($"{{{fields}}}")];

        string text = string.Concat(choices.Select(choice => choice.GetProperty("text").GetString()));
        JsonElement[] logprobs = [.. choices.Select(choice => choice.GetProperty("logprobs")).Where(value => value.ValueKind == JsonValueKind.Object)];
        string[] texts = [.. logprobs.SelectMany(value => value.GetProperty("tokens").EnumerateArray()).Select(token => token.GetString()!)];
        int[] offsets = [.. logprobs.SelectMany(value => value.GetProperty("text_offset").EnumerateArray()).Select(offset => offset.GetInt32())];
        texts.Should().HaveCount(tokens.Length + 3);
        logprobs.SelectMany(value => value.GetProperty("token_logprobs").EnumerateArray()).Select(Number).Count(value => value is null).Should().Be(1);
        // Each token is in the text at its offset, also after the three bytes of the euro sign, which are one character.
        for (int i = 0; i < texts.Length; i++)
        {
            if (!texts[i].StartsWith("\\x", StringComparison.Ordinal))
                text[offsets[i]..].Should().StartWith(texts[i]);
        }

        texts.Should().Contain("\\xe2").And.Contain("\\xac");
        text.Should().StartWith(Text).And.NotBe(Text);
    }

    [Fact]
    public async Task Post_SeveralPromptsEchoed_EachHasItsOwn()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, """{"prompt": [[1, 300, 301], [1, 302], [1]], "echo": true, "logprobs": 0, "max_tokens": 0}""");

        JsonElement[] choices = [.. answer.GetProperty("choices").EnumerateArray()];
        choices.Select(choice => choice.GetProperty("logprobs").GetProperty("token_logprobs").GetArrayLength()).Should().Equal(3, 2, 1);
        choices.Should().OnlyContain(choice => choice.GetProperty("logprobs").GetProperty("top_logprobs").ValueKind == JsonValueKind.Null);
        float[] expected = await _model.ComputeLogProbabilitiesAsync(new[] { 1, 300, 301 });
        choices[0].GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Skip(1).Select(value => value.GetSingle()).Should().Equal(expected);
        answer.GetProperty("usage").GetRawText().Should().Be("""{"prompt_tokens":6,"completion_tokens":0,"total_tokens":6,"prompt_tokens_details":{"cached_tokens":0}}""");
    }

    [Fact]
    public async Task Post_EchoWithoutLogprobs_IsThePrompt()
    {
        JsonElement choice = await AskAsync($$"""{"prompt": "{{Text}}", "echo": true, "max_tokens": 0}""");

        choice.GetRawText().Should().Be($$"""{"index":0,"text":"{{Text}}","logprobs":null,"finish_reason":"length"}""");
    }

    [Fact]
    public async Task Post_EmptyTextEchoed_HasOnlyTheGeneratedTokens()
    {
        JsonElement choice = await AskAsync("""{"prompt": "", "echo": true, "logprobs": 1, "max_tokens": 2, "temperature": 0}""");

        JsonElement logprobs = choice.GetProperty("logprobs");
        logprobs.GetProperty("token_logprobs").EnumerateArray().Should().HaveCount(2).And.OnlyContain(value => value.ValueKind == JsonValueKind.Number);
        string.Concat(logprobs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString())).Should().Be(choice.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Post_ScoresOfAPromptLongerThanTheContext_AreRefused() =>
        (await storyteller.Server.RefuseAsync(Path, $$"""{"prompt": "{{string.Concat(Enumerable.Repeat("cow ", 20_000))}}", "echo": true, "logprobs": 1, "max_tokens": 0}""")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "prompt", Code = "context_length_exceeded" });

    [Fact]
    public async Task Post_ModelThatDoesNotScore_IsRefused()
    {
        using var script = new UnitTesting.ScriptedModel(_model.Tokenizer, "Yes.");
        await using LocalServer server = await LocalServer.StartAsync(script);

        (await server.RefuseAsync(Path, """{"prompt": "a", "echo": true, "logprobs": 1}""")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "logprobs", Code = "unsupported_parameter" });
    }

    private static float? Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetSingle();

    private async Task<JsonElement> AskAsync(string body) => (await storyteller.Server.AskAsync(Path, body)).GetProperty("choices")[0];
}
