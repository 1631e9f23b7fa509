using System.ClientModel;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Llama2.Server.Tests.Clients;

/// <summary>The client of Microsoft.Extensions.AI for OpenAI.</summary>
public sealed class ExtensionsClientTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    internal sealed record Sound(string Animal, bool IsLoud);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task FunctionInvocation_CallsOfTheModel_AreExecutedAndAnswered(bool streams) => TemperatureQuestion.AskAsync(Chat, streams);

    [Fact]
    public async Task GetStreamingResponse_Question_HasTextUsageAndReason()
    {
        using IChatClient client = Chat(storyteller.Server);

        ChatResponse response = await client.GetStreamingResponseAsync(Storyteller.Question, new ChatOptions { Temperature = 0 }).ToChatResponseAsync();

        (response.Text, response.FinishReason, response.ModelId).Should().Be((Storyteller.Answer, ChatFinishReason.Stop, Storyteller.Name));
        response.Usage!.TotalTokenCount.Should().Be(response.Usage.InputTokenCount + response.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponseOfType_Question_HasAValueOfTheType()
    {
        using IChatClient client = Chat(storyteller.Server);

        ChatResponse<Sound> response = await client.GetResponseAsync<Sound>(Storyteller.Question, new ChatOptions { MaxOutputTokens = 80 });

        response.Result.Animal.Should().NotBeNull();
    }

    [Fact]
    public async Task GetResponse_HistoryWithNamesAndParts_IsAnswered()
    {
        using IChatClient client = Chat(storyteller.Server);
        ChatMessage[] history =
        [
            new(ChatRole.System, "Be brief."), new(ChatRole.User, [new TextContent("Do you know "), new TextContent("a bear?")]) { AuthorName = "Ada" },
            new(ChatRole.Assistant, "Yes.") { AuthorName = "Agent" }, new(ChatRole.User, Storyteller.Question),
        ];

        (await client.GetResponseAsync(history, new ChatOptions { Temperature = 0 })).Text.Should().NotBeEmpty();
    }

    [Fact]
    public async Task GenerateVector_Text_HasTheLengthOfTheModel()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = Client(storyteller.Server).GetEmbeddingClient(Storyteller.Name).AsIEmbeddingGenerator();
        using var model = LlamaModel.Load(DemonstrationModel.Path);

        (await generator.GenerateVectorAsync("A cow")).Length.Should().Be(model.Configuration.EmbeddingLength);
    }

    private static IChatClient Chat(LocalServer server, string model = Storyteller.Name) => Client(server).GetChatClient(model).AsIChatClient();

    private static OpenAIClient Client(LocalServer server) =>
        new(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Client.BaseAddress!, "v1") });
}
