using System.Text.Json;
using Llama2.Extensions;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.Models;

public sealed class RoutedModelsTests
{
    private const string Question = """{"model": "MODEL", "messages": [{"role": "user", "content": "What sound does a cow make?"}], "temperature": 0}""";

    [Fact]
    public async Task Models_OfARouter_AreListedWithAliasesAndAdapters()
    {
        await using LocalServer server = await StartAsync();

        JsonElement list = JsonElement.Parse(await server.Client.GetStringAsync("/v1/models"));

        list.GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()).Should().Equal("story", "gpt-4o", "forms", "forms:poems");
        (await server.Client.GetAsync("/health")).IsSuccessStatusCode.Should().BeTrue();
    }

    [Theory]
    [InlineData("story", "story")]
    [InlineData("gpt-4o", "story")]
    [InlineData("storyteller-1m-Q8_0", "story")]
    public async Task Chat_AnyNameOfAModel_IsAnsweredByIt(string name, string answering)
    {
        await using LocalServer server = await StartAsync();

        JsonElement answer = await server.AskAsync("/v1/chat/completions", Question.Replace("MODEL", name));

        answer.GetProperty("model").GetString().Should().Be(answering);
        answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().Should().Be(Storyteller.Answer);
    }

    [Fact]
    public async Task Completion_AdapterInTheName_IsComputedWithIt()
    {
        await using LocalServer server = await StartAsync();
        string plain = """{"model": "forms", "prompt": "Once upon a time", "max_tokens": 12, "temperature": 0}""";

        JsonElement own = await server.AskAsync("/v1/completions", plain), adapted = await server.AskAsync("/v1/completions", plain.Replace("forms", "forms:poems"));

        adapted.GetProperty("model").GetString().Should().Be("forms:poems");
        using LlamaModel model = LlamaModel.Load(FormsPath);
        using LlamaAdapter adapter = model.LoadAdapter(AdapterPath);
        var options = new GenerationOptions { MaxTokens = 12, Temperature = 0 };
        TextOf(own).Should().Be((await model.GenerateTextAsync("Once upon a time", options)).Text);
        TextOf(adapted).Should().Be((await model.GenerateTextAsync("Once upon a time", options with { Adapters = [new LlamaAdapterUse(adapter)] })).Text)
            .And.NotBe(TextOf(own));
    }

    [Fact]
    public async Task Completion_ScoresWithAnAdapter_AreComputedWithIt()
    {
        await using LocalServer server = await StartAsync();
        using LlamaModel model = LlamaModel.Load(FormsPath);
        using LlamaAdapter adapter = model.LoadAdapter(AdapterPath);
        int[] tokens = model.Tokenizer.Encode("Once upon a time");
        string plain = $$"""{"model": "forms", "prompt": [{{string.Join(",", tokens)}}], "max_tokens": 0, "echo": true, "logprobs": 1}""";

        JsonElement own = await server.AskAsync("/v1/completions", plain), adapted = await server.AskAsync("/v1/completions", plain.Replace("forms", "forms:poems"));

        ScoresOf(own).Should().Equal(await ScoreAsync(model, tokens));
        ScoresOf(adapted).Should().Equal(await ScoreAsync(model, tokens, new LlamaAdapterUse(adapter))).And.NotEqual(ScoresOf(own));
    }

    [Fact]
    public async Task Chat_UnknownModel_Is404()
    {
        await using LocalServer server = await StartAsync();

        Refusal refusal = await server.RefuseAsync("/v1/chat/completions", Question.Replace("MODEL", "llama-3"));

        ((int)refusal.Status, refusal.Type, refusal.Param, refusal.Code).Should().Be((404, "invalid_request_error", "model", "model_not_found"));
    }

    [Fact]
    public async Task Chat_NoModelNamedAmongSeveral_Is400()
    {
        await using LocalServer server = await StartAsync();

        Refusal refusal = await server.RefuseAsync("/v1/chat/completions", Question.Replace("\"model\": \"MODEL\", ", ""));

        ((int)refusal.Status, refusal.Type, refusal.Param, refusal.Code).Should().Be((400, "invalid_request_error", "model", "missing_required_parameter"));
    }

    [Fact]
    public async Task Chat_ModelThatDoesNotFitIntoTheBudget_Is503()
    {
        await using LocalServer server = await StartAsync(options => options.MemoryByteSize = 1 << 20);

        Refusal refusal = await server.RefuseAsync("/v1/chat/completions", Question.Replace("MODEL", "story"));

        ((int)refusal.Status, refusal.Type, refusal.Param, refusal.Code).Should().Be((503, "server_error", null, "insufficient_memory"));
    }

    [Fact]
    public async Task Chat_DamagedFile_Is503AndTheServerGoesOn()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("broken.gguf");
        await File.WriteAllTextAsync(path, "GGUF?");
        await using LocalServer server = await StartAsync(options => options.Models["broken"] = new LlamaOptions { ModelPath = path });

        Refusal refusal = await server.RefuseAsync("/v1/chat/completions", Question.Replace("MODEL", "broken"));

        ((int)refusal.Status, refusal.Type, refusal.Param, refusal.Code).Should().Be((503, "server_error", "model", "model_unavailable"));
        await server.AskAsync("/v1/chat/completions", Question.Replace("MODEL", "story"));
    }

    private static string FormsPath => RepositoryFiles.Committed("tests", "data", "forms", "huggingface");

    private static string AdapterPath => RepositoryFiles.Committed("tests", "data", "adapters", "patterns");

    private static string? TextOf(JsonElement completion) => completion.GetProperty("choices")[0].GetProperty("text").GetString();

    // Nothing comes before the first token.
    private static IEnumerable<float> ScoresOf(JsonElement completion) =>
        completion.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Skip(1).Select(value => value.GetSingle());

    private static async Task<IEnumerable<float>> ScoreAsync(LlamaModel model, int[] tokens, params LlamaAdapterUse[] adapters) =>
        (await model.ComputeTopLogProbabilitiesAsync(tokens, 1, options: new ComputationOptions { Adapters = adapters })).Select(scored => scored.LogProbability);

    private static Task<LocalServer> StartAsync(Action<LlamaRouterOptions>? configure = null) => LocalServer.StartAsync(services => services.AddLlamaRouter(options =>
    {
        options.Models["story"] = new LlamaOptions { ModelPath = DemonstrationModel.Path };
        var forms = new LlamaOptions { ModelPath = FormsPath };
        forms.Adapters["poems"] = new LlamaAdapterOptions { Path = AdapterPath, Scale = 0 };
        options.Models["forms"] = forms;
        options.Aliases["gpt-4o"] = "story";
        configure?.Invoke(options);
    }));
}
