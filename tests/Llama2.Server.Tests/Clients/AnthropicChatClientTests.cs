using Anthropic;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Clients;

/// <summary>Anthropic's client of Microsoft.Extensions.AI.</summary>
public sealed class AnthropicChatClientTests(GreedyStoryteller storyteller) : IClassFixture<GreedyStoryteller>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetResponse_Question_HasTextUsageAndReason(bool streams)
    {
        using IChatClient client = Chat(storyteller.Server, Storyteller.Name);

        ChatResponse response = streams
            ? await client.GetStreamingResponseAsync(Storyteller.Question).ToChatResponseAsync()
            : await client.GetResponseAsync(Storyteller.Question);

        (response.Text, response.FinishReason, response.ModelId).Should().Be((Storyteller.Answer, ChatFinishReason.Stop, Storyteller.Name));
        response.Usage!.OutputTokenCount.Should().BePositive();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FunctionInvocation_CallsOfTheModel_AreExecutedAndAnswered(bool streams)
    {
        var script = new ConstrainedScript(
            ModelTokenizer.Load(DemonstrationModel.Path), Call("get_temperature", """{"city": "Oslo"}""") + "\n" + Call("get_temperature", """{"city": "Rome"}"""), "Oslo is colder.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        using IChatClient client = Chat(server, "script").AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create((string city) => city == "Oslo" ? 4 : 21, "get_temperature")] };
        ChatMessage[] messages = [new(ChatRole.System, "Be brief."), new(ChatRole.User, "Which is colder, Oslo or Rome?")];

        ChatResponse response = streams
            ? await client.GetStreamingResponseAsync(messages, options).ToChatResponseAsync()
            : await client.GetResponseAsync(messages, options);

        response.Text.Should().Be("Oslo is colder.");
        script.Prompts[1].Should().Contain("Be brief.").And.Contain("\"content\": 4").And.Contain("\"content\": 21");
    }

    private static IChatClient Chat(LocalServer server, string model) =>
        new AnthropicClient { BaseUrl = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority), ApiKey = "none", MaxRetries = 0 }.AsIChatClient(model, 200);
}
