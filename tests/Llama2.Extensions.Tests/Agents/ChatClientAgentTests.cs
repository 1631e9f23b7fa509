using System.Text.Json;
using Llama2.Tests;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Extensions.Tests.Agents;

/// <summary>Agents of Microsoft's Agent Framework over the chat client. The answers are written in advance and checked by the constraints of the requests.</summary>
public sealed class ChatClientAgentTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    internal sealed record Weather(string City, int Temperature);

    private static AIFunction Temperature => AIFunctionFactory.Create((string city) => city == "Oslo" ? 4 : 21, "get_temperature", "The temperature in a city");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_Tools_AreCalledAndTheSessionKeepsThem(bool streams)
    {
        ConstrainedScript script = Script(Call("get_temperature", """{"city": "Oslo"}"""), "It is 4 degrees.", "Yes, cold.");
        AIAgent agent = Agent(script, tools: [Temperature]);
        AgentSession session = await agent.CreateSessionAsync();

        string first = await RunAsync(agent, "Is it cold in Oslo?", session, streams);
        string second = await RunAsync(agent, "Is that cold?", session, streams);

        (first, second).Should().Be(("It is 4 degrees.", "Yes, cold."));
        script.Prompts[1].Should().Contain("\"content\": 4");
        script.Prompts[2].Should().Contain("You know the weather.").And.Contain("Is it cold in Oslo?").And.Contain(Call("get_temperature", """{"city": "Oslo"}"""))
            .And.Contain("\"content\": 4").And.Contain("It is 4 degrees.").And.Contain("Is that cold?");
    }

    [Fact]
    public async Task RunAsync_SessionThatWasStored_GoesOn()
    {
        ConstrainedScript script = Script(Call("get_temperature", """{"city": "Oslo"}"""), "It is 4 degrees.", "Oslo.");
        AIAgent agent = Agent(script, tools: [Temperature]);
        AgentSession session = await agent.CreateSessionAsync();
        await agent.RunAsync("Is it cold in Oslo?", session);

        string stored = (await agent.SerializeSessionAsync(session)).GetRawText();
        AgentSession restored = await Agent(script, tools: [Temperature]).DeserializeSessionAsync(JsonElement.Parse(stored));
        AgentResponse response = await agent.RunAsync("Where?", restored);

        response.Text.Should().Be("Oslo.");
        script.Prompts[2].Should().Contain("Is it cold in Oslo?").And.Contain("\"content\": 4").And.Contain("It is 4 degrees.").And.Contain("Where?");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_ApprovalRequired_LeavesNoCallWithoutAResult(bool approves)
    {
        ConstrainedScript script = Script(Call("get_temperature", """{"city": "Oslo"}"""), "Done.", "Bye.");
        AIAgent agent = Agent(script, tools: [new ApprovalRequiredAIFunction(Temperature)]);
        AgentSession session = await agent.CreateSessionAsync();

        AgentResponse asks = await agent.RunAsync("Is it cold in Oslo?", session);
        ToolApprovalRequestContent request = asks.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().Single();
        AgentResponse done = await agent.RunAsync(new ChatMessage(ChatRole.User, [request.CreateResponse(approves)]), session);
        AgentResponse last = await agent.RunAsync("Thanks.", session);

        (done.Text, last.Text).Should().Be(("Done.", "Bye."));
        foreach (string prompt in script.Prompts[1..])
        {
            prompt.Split(Call("get_temperature", """{"city": "Oslo"}""")).Should().HaveCount(2);
            prompt.Split("<tool_response>\n{\"name\": \"get_temperature\"").Should().HaveCount(2);
            prompt.Should().Contain(approves ? "\"content\": 4" : "rejected");
        }
    }

    [Fact]
    public async Task RunAsyncOfT_ToolsAndType_GivesTheTypeAfterTheCall()
    {
        ConstrainedScript script = Script(Call("get_temperature", """{"city": "Oslo"}"""), """{"city": "Oslo", "temperature": 4}""");
        AIAgent agent = Agent(script, tools: [Temperature]);

        AgentResponse<Weather> response = await agent.RunAsync<Weather>("The weather in Oslo?");

        response.Result.Should().Be(new Weather("Oslo", 4));
        script.Options.Select(options => options.Constraint!.Kind).Should().Equal("tool calls", "tool calls");
        script.Prompts[0].Should().Contain("Answer only with JSON that fits this JSON Schema");
    }

    [Fact]
    public async Task RunAsyncOfT_RealModelWithoutKnowledgeOfJson_GivesTheType()
    {
        using LlamaChatClient client = demonstration.CreateClient(describes: false);
        AIAgent agent = new ChatClientAgent(client, new ChatClientAgentOptions { ChatOptions = new ChatOptions { MaxOutputTokens = 60, Seed = 3, Temperature = 1.5f } });

        AgentResponse<Weather> response = await agent.RunAsync<Weather>("The weather?");

        response.Result.City.Should().NotBeNull();
    }

    [Fact]
    public async Task RunAsync_RealModelInASession_ReadsEarlierTurnsFromItsMemory()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        using var client = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Llama2 });
        AIAgent agent = new ChatClientAgent(client, new ChatClientAgentOptions { ChatOptions = new ChatOptions { MaxOutputTokens = 12, Temperature = 0 } });
        AgentSession session = await agent.CreateSessionAsync();

        AgentResponse first = await agent.RunAsync("Tell me about a dog.", session);
        AgentResponse second = await agent.RunAsync("And a cat?", session);

        first.Text.Should().NotBeEmpty();
        second.Usage!.CachedInputTokenCount.Should().BeGreaterThan(first.Usage!.InputTokenCount!.Value);
    }

    private static async Task<string> RunAsync(AIAgent agent, string question, AgentSession session, bool streams)
    {
        if (!streams)
            return (await agent.RunAsync(question, session)).Text;
        List<AgentResponseUpdate> updates = await agent.RunStreamingAsync(question, session).ToListAsync();
        return string.Concat(updates.Select(update => update.Text));
    }

    private static ChatClientAgent Agent(ConstrainedScript script, IList<AITool> tools) =>
        new(new LlamaChatClient(script, new LlamaChatClientOptions { PromptFormat = PromptFormat.ChatMl }), "You know the weather.", "meteorologist", tools: tools);

    private ConstrainedScript Script(params string[] answers) => new(demonstration.Model.Tokenizer, answers);
}
