using Llama2.Tests;

namespace Llama2.Server.Tests.Npm;

/// <summary>OpenAI's and Anthropic's official clients for JavaScript. The scripts of this folder contain the assertions.</summary>
public sealed class NpmClientTests(GreedyStoryteller storyteller) : IClassFixture<GreedyStoryteller>
{
    private string Address => storyteller.Server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

    [NodeFact]
    public async Task OpenAI_EveryCheckOfTheScript_Passes()
    {
        string[] checks = await RunChecksAsync("openai.mjs", new() { ["OPENAI_BASE_URL"] = $"{Address}/v1", ["OPENAI_API_KEY"] = "none" });

        checks.Should().Equal("models", "chat", "stream", "tools", "streamed tools", "schema", "responses", "streamed responses", "tools of responses", "completions", "embeddings", "errors", "cancellation");
    }

    [NodeFact]
    public async Task Anthropic_EveryCheckOfTheScript_Passes()
    {
        string[] checks = await RunChecksAsync("anthropic.mjs", new() { ["ANTHROPIC_BASE_URL"] = Address, ["ANTHROPIC_API_KEY"] = "none" });

        checks.Should().Equal("models", "chat", "stream", "tools", "streamed tools", "schema", "count_tokens", "errors", "cancellation");
    }

    [NodeFact]
    public async Task Examples_OfTheDocumentation_PrintTheAnswer()
    {
        (await NodeScript.RunAsync("openai-example.mjs", new() { ["OPENAI_BASE_URL"] = $"{Address}/v1", ["OPENAI_API_KEY"] = "none" })).Should().Be(Storyteller.Answer);
        (await NodeScript.RunAsync("anthropic-example.mjs", new() { ["ANTHROPIC_BASE_URL"] = Address, ["ANTHROPIC_API_KEY"] = "none" })).Should().Be(Storyteller.Answer);
    }

    // The script cancels an answer that never ends, so its generation must end on the server.
    private static async Task<string[]> RunChecksAsync(string script, Dictionary<string, string> variables)
    {
        var endless = new EndlessModel(new UnitTesting.ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path)));
        await using LocalServer server = await LocalServer.StartAsync(endless);
        variables["LLAMA2_ENDLESS_URL"] = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);

        string output = await NodeScript.RunAsync(script, variables);

        await endless.Ended.WaitAsync(TimeSpan.FromSeconds(60));
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["ok ".Length..])];
    }
}
