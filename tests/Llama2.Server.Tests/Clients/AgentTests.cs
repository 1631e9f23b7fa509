using System.ClientModel;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using OpenAI;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Clients;

/// <summary>Agents of Microsoft's Agent Framework over OpenAI's client.</summary>
public sealed class AgentTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_Tools_AreCalledAndTheSessionKeepsThem(bool streams)
    {
        var script = new ConstrainedScript(
            ModelTokenizer.Load(DemonstrationModel.Path), Call("get_temperature", """{"city": "Oslo"}"""), "It is 4 degrees.", "Yes, cold.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        AIFunction temperature = AIFunctionFactory.Create((string city) => city == "Oslo" ? 4 : 21, "get_temperature", "The temperature in a city");
        var client = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Client.BaseAddress!, "v1") });
        AIAgent agent = client.GetChatClient("script").AsIChatClient().AsAIAgent(
            new ChatClientAgentOptions { ChatOptions = new() { Instructions = "You know the weather.", Tools = [temperature] } });
        AgentSession session = await agent.CreateSessionAsync();

        string first = await RunAsync(agent, "Is it cold in Oslo?", session, streams);
        string second = await RunAsync(agent, "Is that cold?", session, streams);

        (first, second).Should().Be(("It is 4 degrees.", "Yes, cold."));
        script.Prompts[2].Should().Contain("You know the weather.").And.Contain("Is it cold in Oslo?").And.Contain("It is 4 degrees.").And.Contain("Is that cold?");
    }

    private static async Task<string> RunAsync(AIAgent agent, string text, AgentSession session, bool streams) => streams
        ? string.Concat(await agent.RunStreamingAsync(text, session).Select(update => update.Text).ToArrayAsync())
        : (await agent.RunAsync(text, session)).Text;
}
