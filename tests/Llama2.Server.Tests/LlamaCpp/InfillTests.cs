using System.Net;
using System.Text.Json;
using Llama2.Cli.Tests;
using Llama2.Extensions;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.LlamaCpp;

public sealed class InfillTests(InfillModel infill, Storyteller storyteller) : IClassFixture<InfillModel>, IClassFixture<Storyteller>
{
    private const string Path = "/infill";
    private const string Prefix = "The cow says ";
    private const string Suffix = " and the sheep says baa.";
    private const string Gap = $$""" "input_prefix": "{{Prefix}}", "input_suffix": "{{Suffix}}" """;
    private readonly LlamaModel _model = infill.Model;

    [Fact]
    public async Task Post_Gap_IsFilledAsTheModelFillsIt()
    {
        int[] prompt = _model.Tokenizer.EncodeInfill(Prefix, Suffix);
        GenerationResult expected = await GenerateAsync(prompt, 12);

        JsonElement answer = await infill.Server.AskAsync(Path, $$"""{ {{Gap}}, "temperature": 0, "n_predict": 12, "return_tokens": true}""");

        answer.GetProperty("content").GetString().Should().Be(expected.Text);
        _model.Tokenizer.Decode([.. answer.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())]).Trim().Should().Be(expected.Text.Trim());
        (answer.GetProperty("stop").GetBoolean(), answer.GetProperty("tokens_evaluated").GetInt32(), answer.GetProperty("tokens_predicted").GetInt32())
            .Should().Be((true, prompt.Length, expected.Usage.GeneratedTokenCount));
        (answer.GetProperty("model").GetString(), answer.GetProperty("truncated").GetBoolean(), answer.GetProperty("index").GetInt32(), answer.GetProperty("id_slot").GetInt32()).Should().Be(("infill", false, 0, 0));
        answer.GetProperty("has_new_line").GetBoolean().Should().Be(expected.Text.Contains('\n', StringComparison.Ordinal));
        JsonElement timings = answer.GetProperty("timings");
        (timings.GetProperty("cache_n").GetInt32() + timings.GetProperty("prompt_n").GetInt32()).Should().Be(prompt.Length);
        timings.GetProperty("predicted_n").GetInt32().Should().Be(expected.Usage.GeneratedTokenCount);
    }

    [Fact]
    public async Task Stream_Gap_HasTheSameTextAsTheWholeAnswer()
    {
        string fields = $$""" {{Gap}}, "temperature": 0, "n_predict": 12 """;
        string expected = (await infill.Server.AskAsync(Path, $"{{{fields}}}")).GetProperty("content").GetString()!;

        JsonElement[] events = [.. (await infill.Server.StreamAsync(Path, $$"""{ {{fields}}, "stream": true}""")).Select(item => JsonElement.Parse(item))];

        string.Concat(events.Select(item => item.GetProperty("content").GetString())).Should().Be(expected);
        events.Select(item => item.GetProperty("stop").GetBoolean()).Should().Equal([.. Enumerable.Repeat(false, events.Length - 1), true]);
        events[0].EnumerateObject().Select(field => field.Name).Should().BeEquivalentTo(["index", "content", "tokens", "stop", "id_slot", "tokens_predicted", "tokens_evaluated"]);
        events[^1].GetProperty("stop_type").GetString().Should().BeOneOf("limit", "eos");
    }

    [Fact]
    public async Task Post_Prompt_IsTheBeginningOfTheGap()
    {
        JsonElement whole = await infill.Server.AskAsync(Path, $$"""{"input_prefix": "{{Prefix}}moo", "input_suffix": "{{Suffix}}", "temperature": 0, "n_predict": 8}""");

        JsonElement split = await infill.Server.AskAsync(Path, $$"""{ {{Gap}}, "prompt": "moo", "temperature": 0, "n_predict": 8}""");

        split.GetProperty("content").GetString().Should().Be(whole.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Post_Extra_ComesBeforeThePrefixAsFarAsThereIsRoom()
    {
        int length = _model.Tokenizer.EncodeInfill(Prefix, Suffix).Length;
        string file = string.Concat(Enumerable.Repeat("A cow. ", 20)), huge = string.Concat(Enumerable.Repeat("A cow. ", 5000));

        JsonElement few = await infill.Server.AskAsync(Path, $$"""{ {{Gap}}, "input_extra": [{"filename": "a.txt", "text": "{{file}}"}], "n_predict": 4}""");
        JsonElement many = await infill.Server.AskAsync(Path, $$"""{ {{Gap}}, "input_extra": [{"text": "{{huge}}"}, {"text": "{{file}}"}], "n_predict": 4}""");

        List<int> extra = [];
        _model.Tokenizer.Encode("\n\n--- snippet ---\n\n", extra, addDummyPrefix: false);
        _model.Tokenizer.Encode(file, extra, addDummyPrefix: false);
        few.GetProperty("tokens_evaluated").GetInt32().Should().Be(length + extra.Count);
        many.GetProperty("tokens_evaluated").GetInt32().Should().Be(_model.ContextLength - 4 - 1);
    }

    [Fact]
    public async Task Post_NoTokens_ComputesThePromptForTheNextRequest()
    {
        string gap = """ "input_prefix": "Where does the bear live? In the ", "input_suffix": ", of course." """;
        JsonElement warm = await infill.Server.AskAsync(Path, $$"""{ {{gap}}, "n_predict": 0}""");

        JsonElement answer = await infill.Server.AskAsync(Path, $$"""{ {{gap}}, "n_predict": 1}""");

        (warm.GetProperty("content").GetString(), warm.GetProperty("tokens_predicted").GetInt32()).Should().Be(("", 0));
        answer.GetProperty("tokens_cached").GetInt32().Should().Be(answer.GetProperty("tokens_evaluated").GetInt32() - 1);
    }

    [Fact]
    public async Task Post_Stop_EndsTheText()
    {
        string text = (await GenerateAsync(_model.Tokenizer.EncodeInfill(Prefix, Suffix), 12)).Text;
        string word = text.TrimStart()[3..5];

        JsonElement answer = await infill.Server.AskAsync(Path, $$"""{ {{Gap}}, "temperature": 0, "n_predict": 12, "stop": [{{JsonSerializer.Serialize(word)}}]}""");

        (answer.GetProperty("stop_type").GetString(), answer.GetProperty("stopping_word").GetString()).Should().Be(("word", word));
        answer.GetProperty("content").GetString().Should().Be(text[..text.IndexOf(word, StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task Post_EveryFieldOfLlamaCpp_IsAccepted()
    {
        JsonElement answer = await infill.Server.AskAsync(Path, $$"""
            { {{Gap}}, "n_predict": 3, "temperature": 1.5, "dynatemp_range": 0.1, "dynatemp_exponent": 1.1, "top_k": 20, "top_p": 0.9, "min_p": 0.1, "typical_p": 0.9, "xtc_probability": 0.1,
             "xtc_threshold": 0.2, "repeat_penalty": 1.1, "repeat_last_n": 32, "presence_penalty": 0.5, "frequency_penalty": 0.5, "dry_multiplier": 0.5, "dry_base": 2, "dry_allowed_length": 3,
             "dry_penalty_last_n": -1, "dry_sequence_breakers": ["\n"], "mirostat": 2, "mirostat_tau": 4, "mirostat_eta": 0.2, "seed": 3, "stop": [], "ignore_eos": true, "cache_prompt": true,
             "id_slot": -1, "n_keep": 0, "n_indent": 4, "t_max_prompt_ms": 500, "t_max_predict_ms": 500, "min_keep": 0, "timings_per_token": false, "samplers": ["top_k", "infill"],
             "response_fields": ["content"], "grammar": null}
            """);

        answer.GetProperty("tokens_predicted").GetInt32().Should().Be(3);
    }

    [Theory]
    [InlineData("""{"input_suffix": "a"}""", "input_prefix", "missing_required_parameter")]
    [InlineData("""{"input_prefix": "a"}""", "input_suffix", "missing_required_parameter")]
    [InlineData("""{"input_prefix": 1, "input_suffix": "a"}""", "input_prefix", "invalid_type")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "prompt": []}""", "prompt", "invalid_type")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "input_extra": [{"filename": "a"}]}""", "input_extra[0].text", "missing_required_parameter")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "input_extra": [{"text": "a", "x": 1}]}""", "input_extra[0].x", "unknown_parameter")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "n_predict": -2}""", "n_predict", "out_of_range")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "top_k": -1}""", "top_k", "out_of_range")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "mirostat": 1}""", "mirostat", "unsupported_value")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "stop": [""]}""", "stop[0]", "invalid_value")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "dry_sequence_breakers": [""]}""", "dry_sequence_breakers[0]", "invalid_value")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "grammar": "root ::= 'a'"}""", "grammar", "unsupported_parameter")]
    [InlineData("""{"input_prefix": "a", "input_suffix": "a", "max_tokens": 1}""", "max_tokens", "unknown_parameter")]
    public async Task Post_FieldThatIsNotValid_IsNamed(string body, string param, string code) =>
        (await infill.Server.RefuseAsync(Path, body)).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Type = "invalid_request_error", Param = param, Code = code });

    [Fact]
    public async Task Post_PrefixLongerThanTheContext_IsRefused() =>
        (await infill.Server.RefuseAsync(Path, $$"""{"input_prefix": "{{string.Concat(Enumerable.Repeat("cow ", 20_000))}}", "input_suffix": ""}""")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "input_prefix", Code = "context_length_exceeded" });

    [Fact]
    public async Task Post_ModelWithoutTheTokens_IsRefused()
    {
        (await storyteller.Server.RefuseAsync(Path, $"{{{Gap}}}")).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "model", Code = "unsupported_value" });
        (await storyteller.Server.RefuseAsync("/v1/completions", """{"prompt": "a", "suffix": "b"}""")).Should()
            .BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "suffix", Code = "unsupported_parameter" });
    }

    [Fact]
    public async Task Completions_Suffix_FillTheGap()
    {
        GenerationResult expected = await GenerateAsync(_model.Tokenizer.EncodeInfill(Prefix, Suffix), 12);

        JsonElement answer = await infill.Server.AskAsync("/v1/completions", $$"""{"prompt": "{{Prefix}}", "suffix": "{{Suffix}}", "temperature": 0, "max_tokens": 12}""");

        answer.GetProperty("choices")[0].GetProperty("text").GetString().Should().Be(expected.Text);
    }

    [Fact]
    public async Task Post_ModelWithAnAdapter_FillsTheGapWithIt()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("adapter.gguf");
        await File.WriteAllBytesAsync(path, AdapterFile.Of(infill.FilePath));
        await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama(options =>
        {
            options.ModelPath = infill.FilePath;
            options.Adapters["poems"] = new LlamaAdapterOptions { Path = path };
        }));
        using LlamaAdapter adapter = _model.LoadAdapter(path);
        int[] prompt = _model.Tokenizer.EncodeInfill(Prefix, Suffix);
        GenerationResult plain = await GenerateAsync(prompt, 12), expected = await GenerateAsync(prompt, 12, new LlamaAdapterUse(adapter));

        JsonElement answer = await server.AskAsync(Path, $$"""{ {{Gap}}, "temperature": 0, "n_predict": 12}""");

        answer.GetProperty("content").GetString().Should().Be(expected.Text).And.NotBe(plain.Text);
    }

    [Theory]
    [InlineData("""{"prompt": [1, 2], "suffix": "b"}""")]
    [InlineData("""{"prompt": "a", "suffix": "b", "echo": true}""")]
    public async Task Completions_SuffixThatDoesNotFit_IsNamed(string body) =>
        (await infill.Server.RefuseAsync("/v1/completions", body)).Should().BeEquivalentTo(new { Status = HttpStatusCode.BadRequest, Param = "suffix", Code = "invalid_value" });

    private Task<GenerationResult> GenerateAsync(int[] prompt, int count, params LlamaAdapterUse[] adapters) =>
        _model.GenerateAsync(prompt, new GenerationOptions { Temperature = 0, MaxTokens = count, Adapters = adapters }).ToResultAsync();
}
