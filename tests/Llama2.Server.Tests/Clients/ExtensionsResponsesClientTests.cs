#pragma warning disable OPENAI001 // The client's types for responses may still change.
using System.ClientModel;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Llama2.Server.Tests.Clients;

/// <summary>
/// The client of Microsoft.Extensions.AI for OpenAI, with the protocol of responses. Its version 10.11.0 calls a method for streams that version 2.15.0 of OpenAI's
/// client does not have any more, so streams are tested with OpenAI's own client.
/// </summary>
public sealed class ExtensionsResponsesClientTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    internal sealed record Sound(string Animal, bool IsLoud);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task FunctionInvocation_CallsOfTheModel_AreExecutedAndAnswered(bool isStateless) => TemperatureQuestion.AskAsync(Client, configure: options =>
    {
        options.AllowMultipleToolCalls = true;
        if (isStateless)
            options.RawRepresentationFactory = _ => new OpenAI.Responses.CreateResponseOptions { StoredOutputEnabled = false };
    });

    [Fact]
    public async Task GetResponse_ConversationIdOfTheResponse_ContinuesIt()
    {
        var script = new ConstrainedScript(ModelTokenizer.Load(DemonstrationModel.Path), "I am Ada.", "Ada.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        using IChatClient client = Client(server, "script");

        ChatResponse first = await client.GetResponseAsync("Who are you?");
        ChatResponse second = await client.GetResponseAsync("Say it again.", new ChatOptions { ConversationId = first.ConversationId });

        second.Text.Should().Be("Ada.");
        script.Prompts[1].Should().ContainAll("Who are you?", "I am Ada.", "Say it again.");
    }

    [Fact]
    public async Task GetResponse_Question_HasTextAndUsage()
    {
        using IChatClient client = Client(storyteller.Server);

        ChatResponse response = await client.GetResponseAsync(Storyteller.Question, new ChatOptions { Temperature = 0 });

        (response.Text, response.ModelId).Should().Be((Storyteller.Answer, Storyteller.Name));
        response.Usage!.TotalTokenCount.Should().Be(response.Usage.InputTokenCount + response.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task GetResponse_LimitOfTokens_IsTheReasonOfTheEnd()
    {
        using IChatClient client = Client(storyteller.Server);

        (await client.GetResponseAsync(Storyteller.Question, new ChatOptions { MaxOutputTokens = 2 })).FinishReason.Should().Be(ChatFinishReason.Length);
    }

    [Fact]
    public async Task GetResponseOfType_Question_HasAValueOfTheType()
    {
        using IChatClient client = Client(storyteller.Server);

        ChatResponse<Sound> response = await client.GetResponseAsync<Sound>(Storyteller.Question, new ChatOptions { MaxOutputTokens = 80 });

        response.Result.Animal.Should().NotBeNull();
    }

    private static IChatClient Client(LocalServer server, string model = Storyteller.Name) =>
        new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Client.BaseAddress!, "v1") }).GetResponsesClient().AsIChatClient(model);
}
