using System.Net;
using System.Text.Json;
using Llama2.Extensions.Tests;
using Llama2.Tests;

namespace Llama2.Server.Tests.Endpoints;

public sealed class CompletionsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private const string Path = "/v1/completions";
    private const string Prompt = "Once upon a time";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    [Fact]
    public async Task Post_Text_IsContinuedAsTheModelContinuesIt()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        GenerationResult expected = await model.GenerateTextAsync(Prompt, new GenerationOptions { Temperature = 0, MaxTokens = 16 });

        JsonElement answer = await storyteller.Server.AskAsync(Path, $$"""{"prompt": "{{Prompt}}", "temperature": 0}""");

        answer.GetProperty("object").GetString().Should().Be("text_completion");
        answer.GetProperty("choices").GetRawText().Should().Be($$"""[{"index":0,"text":"{{expected.Text}}","logprobs":null,"finish_reason":"length"}]""");
        answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(16);
    }

    [Fact]
    public async Task Post_PromptsInEveryForm_AreTheSame()
    {
        string tokens = $"[{string.Join(", ", s_tokenizer.Encode(Prompt))}]";
        string[] prompts = [$"\"{Prompt}\"", $"[\"{Prompt}\", \"{Prompt}\"]", tokens, $"[{tokens}, {tokens}]"];
        List<string?[]> texts = [];
        foreach (string prompt in prompts)
        {
            JsonElement answer = await storyteller.Server.AskAsync(Path, $$"""{"prompt": {{prompt}}, "temperature": 0, "max_tokens": 5}""");
            texts.Add([.. answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString())]);
        }

        texts.Select(text => text.Length).Should().Equal(1, 2, 1, 2);
        texts.SelectMany(text => text).Distinct().Should().ContainSingle();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_SeveralTextsOfSeveralPrompts_AreInTheOrderOfThePrompts(bool streams)
    {
        string fields = """ "prompt": ["A cow", "A bear"], "n": 2, "seed": 5, "temperature": 2, "top_p": 1, "max_tokens": 4, "echo": true """;
        var texts = new string[4];
        if (streams)
        {
            string[] events = await storyteller.Server.StreamAsync(Path, $$"""{ {{fields}}, "stream": true, "stream_options": {"include_usage": true} }""");
            events[^1].Should().Be("[DONE]");
            foreach (JsonElement choice in events.SkipLast(1).SelectMany(item => JsonElement.Parse(item).GetProperty("choices").EnumerateArray()))
                texts[choice.GetProperty("index").GetInt32()] += choice.GetProperty("text").GetString();
            JsonElement.Parse(events[^2]).GetProperty("usage").GetProperty("completion_tokens").GetInt32().Should().Be(16);
        }
        else
        {
            texts = [.. (await storyteller.Server.AskAsync(Path, $$"""{ {{fields}} }""")).GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()!)];
        }

        texts.Take(2).Should().OnlyContain(text => text.StartsWith("A cow", StringComparison.Ordinal) && text.Length > 5).And.OnlyHaveUniqueItems();
        texts.Skip(2).Should().OnlyContain(text => text.StartsWith("A bear", StringComparison.Ordinal) && text.Length > 6);
    }

    [Fact]
    public async Task Post_Logprobs_HaveOneValueForEachToken()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, $$"""{"prompt": "{{Prompt}}", "temperature": 0, "max_tokens": 6, "logprobs": 2}""");

        JsonElement logprobs = answer.GetProperty("choices")[0].GetProperty("logprobs");
        string[] tokens = [.. logprobs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
        string.Concat(tokens).Should().Be(answer.GetProperty("choices")[0].GetProperty("text").GetString());
        logprobs.GetProperty("text_offset").EnumerateArray().Select(offset => offset.GetInt32()).Should().Equal(tokens.Select((_, i) => string.Concat(tokens[..i]).Length));
        float[] chosen = [.. logprobs.GetProperty("token_logprobs").EnumerateArray().Select(value => value.GetSingle())];
        JsonElement[] top = [.. logprobs.GetProperty("top_logprobs").EnumerateArray()];
        top.Should().HaveCount(6).And.OnlyContain(likeliest => likeliest.EnumerateObject().Count() == 2);
        top.Select((likeliest, i) => likeliest.GetProperty(tokens[i]).GetSingle()).Should().Equal(chosen);
    }

    [Fact]
    public async Task Post_Stop_EndsTheText()
    {
        JsonElement answer = await storyteller.Server.AskAsync(Path, $$"""{"prompt": "{{Prompt}}", "temperature": 0, "max_tokens": 50, "stop": "."}""");

        answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString().Should().Be("stop");
        answer.GetProperty("choices")[0].GetProperty("text").GetString().Should().NotContain(".");
    }

    [Fact]
    public async Task Post_PrefixScope_IsThatOfTheOptions()
    {
        using var script = new PromptRecorder(new UnitTesting.ScriptedModel(s_tokenizer, "Yes."));
        await using LocalServer server = await LocalServer.StartAsync(script, new LlamaServerOptions { PrefixScope = _ => "mine" });

        await server.AskAsync(Path, """{"prompt": "a"}""");

        script.Options.Single().PrefixScope.Should().Be("mine");
    }

    [Theory]
    [InlineData("""{}""", "prompt", "missing_required_parameter")]
    [InlineData("""{"prompt": 1}""", "prompt", "invalid_type")]
    [InlineData("""{"prompt": []}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt": ["a", 1]}""", "prompt[1]", "invalid_type")]
    [InlineData("""{"prompt": [1, "a"]}""", "prompt[1]", "invalid_type")]
    [InlineData("""{"prompt": [[1], [-1]]}""", "prompt[1][0]", "out_of_range")]
    [InlineData("""{"prompt": [1, 99999]}""", "prompt", "invalid_value")]
    [InlineData("""{"prompt": [[1], []]}""", "prompt[1]", "invalid_value")]
    [InlineData("""{"prompt": "a", "n": 17}""", "n", "out_of_range")]
    [InlineData("""{"prompt": ["a", "b", "c"], "n": 6}""", "n", "invalid_value")]
    [InlineData("""{"prompt": "a", "best_of": 2}""", "best_of", "unsupported_value")]
    [InlineData("""{"prompt": "a", "suffix": "b"}""", "suffix", "unsupported_parameter")]
    [InlineData("""{"prompt": "a", "logprobs": 6}""", "logprobs", "out_of_range")]
    [InlineData("""{"prompt": "a", "max_tokens": -1, "echo": true}""", "max_tokens", "out_of_range")]
    [InlineData("""{"prompt": "a", "echo": 1}""", "echo", "invalid_type")]
    [InlineData("""{"prompt": "a", "max_tokens": 0}""", "max_tokens", "out_of_range")]
    [InlineData("""{"prompt": "a", "messages": []}""", "messages", "unknown_parameter")]
    public async Task Post_FieldThatIsNotValid_IsNamed(string body, string param, string code) =>
        (await storyteller.Server.RefuseAsync(Path, body)).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = param, Code = code });

    [Fact]
    public async Task Post_PromptLongerThanTheContext_IsRefused() =>
        (await storyteller.Server.RefuseAsync(Path, $$"""{"prompt": "{{string.Concat(Enumerable.Repeat("cow ", 20_000))}}"}""")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "prompt", Code = "context_length_exceeded" });
}
