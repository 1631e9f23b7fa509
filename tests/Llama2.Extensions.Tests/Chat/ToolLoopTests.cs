using System.Text.Json;
using Llama2.Tests;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>The demonstration model itself decides to call functions, and answers from their results; nothing is written in advance.</summary>
public sealed class ToolLoopTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    internal sealed record Hero(string Name, string Animal, string Place);

    private static readonly AIFunction s_weather = AIFunctionFactory.Create(
        (string city) => city switch { "Oslo" => "snowy, -4 degrees", "Rome" => "sunny, 21 degrees", _ => "unknown" }, "get_weather", "The weather in a city");

    private static readonly AIFunction s_product = AIFunctionFactory.Create((int left, int right) => left * right, "multiply", "The product of two numbers");

    private static ChatOptions Options => new() { Tools = [s_weather, s_product], Temperature = 0 };

    [Theory]
    [InlineData(false, "What is the weather in Oslo?", "In Oslo it is snowy, -4 degrees.")]
    [InlineData(true, "What is the weather in Oslo?", "In Oslo it is snowy, -4 degrees.")]
    [InlineData(false, "What is 23 times 47?", "23 times 47 is 1081.")]
    [InlineData(true, "What is the weather in Rome and Oslo?", "In Rome it is sunny, 21 degrees. In Oslo it is snowy, -4 degrees.")]
    [InlineData(false, "What sound does a cow make?", "The cow says moo.")]
    public async Task UseFunctionInvocation_Question_IsAnsweredFromTheResults(bool streams, string question, string answer)
    {
        using IChatClient client = new LlamaChatClient(demonstration.Model).AsBuilder().UseFunctionInvocation().Build();

        ChatResponse response = streams
            ? await client.GetStreamingResponseAsync(question, Options).ToChatResponseAsync()
            : await client.GetResponseAsync(question, Options);

        response.Text.Trim().Should().Be(answer);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task GetResponseAsync_DeclarationWithoutImplementation_ReturnsTheCall()
    {
        using IChatClient client = new LlamaChatClient(demonstration.Model).AsBuilder().UseFunctionInvocation().Build();

        ChatResponse response = await client.GetResponseAsync("What is 23 times 47?", new ChatOptions { Tools = [s_weather, s_product.AsDeclarationOnly()], Temperature = 0 });

        response.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        FunctionCallContent call = response.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Single();
        (call.Name, JsonSerializer.Serialize(call.Arguments)).Should().Be(("multiply", """{"left":23,"right":47}"""));
    }

    [Theory]
    [InlineData(true, "In Rome it is sunny, 21 degrees.")]
    [InlineData(false, null)]
    public async Task Agent_ToolThatNeedsApproval_IsCalledAfterIt(bool approves, string? answer)
    {
        using var client = new LlamaChatClient(demonstration.Model);
        AIAgent agent = new ChatClientAgent(
            client, new ChatClientAgentOptions { ChatOptions = new ChatOptions { Tools = [new ApprovalRequiredAIFunction(s_weather), s_product], Temperature = 0 } });
        AgentSession session = await agent.CreateSessionAsync();

        AgentResponse asks = await agent.RunAsync("What is the weather in Rome?", session);
        ToolApprovalRequestContent request = asks.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>().Single();
        AgentResponse done = await agent.RunAsync(new ChatMessage(ChatRole.User, [request.CreateResponse(approves)]), session);
        AgentResponse next = await agent.RunAsync("What is 12 times 12?", session);

        if (answer is not null)
            done.Text.Trim().Should().Be(answer);
        next.Text.Trim().Should().Be("12 times 12 is 144.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetResponseAsyncOfT_Text_FillsTheTypeFromIt(bool streams)
    {
        const string Text = "Once upon a time, there was a shy fox named Ivy. Ivy lived near the school. One day she found a silver drum.";
        using var client = new LlamaChatClient(demonstration.Model);

        Hero hero = streams
            ? JsonSerializer.Deserialize<Hero>(
                (await client.GetStreamingResponseAsync(Text, new ChatOptions { Temperature = 0, ResponseFormat = ChatResponseFormat.ForJsonSchema<Hero>() }).ToChatResponseAsync()).Text,
                AIJsonUtilities.DefaultOptions)!
            : (await client.GetResponseAsync<Hero>(Text, new ChatOptions { Temperature = 0 })).Result;

        hero.Should().Be(new Hero("Ivy", "fox", "school"));
    }
}
