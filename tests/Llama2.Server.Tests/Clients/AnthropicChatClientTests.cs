using Anthropic;
using Microsoft.Extensions.AI;

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
    public Task FunctionInvocation_CallsOfTheModel_AreExecutedAndAnswered(bool streams) => TemperatureQuestion.AskAsync(Chat, streams);

    private static IChatClient Chat(LocalServer server, string model) =>
        new AnthropicClient { BaseUrl = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority), ApiKey = "none", MaxRetries = 0 }.AsIChatClient(model, 200);
}
