using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Clients;

/// <summary>The official client of OpenAI for .NET, with nothing changed but the address.</summary>
public sealed class OpenAIClientTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    private static readonly ChatMessage[] s_question = [new UserChatMessage(Storyteller.Question)];
    private static readonly ChatTool s_tool = ChatTool.CreateFunctionTool(
        "get_temperature", "The temperature", BinaryData.FromString("""{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}"""));

    [Fact]
    public async Task CompleteChat_Question_IsAnswered()
    {
        ChatCompletion answer = await Chat(storyteller.Server).CompleteChatAsync(s_question, new ChatCompletionOptions { Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 1 });

        answer.Content.Single().Text.Should().Be(Storyteller.Answer);
        (answer.Role, answer.FinishReason, answer.Model).Should().Be((ChatMessageRole.Assistant, ChatFinishReason.Stop, Storyteller.Name));
        answer.Usage.TotalTokenCount.Should().Be(answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount);
        answer.ContentTokenLogProbabilities.Should().NotBeEmpty().And.OnlyContain(token => token.TopLogProbabilities.Count == 1 && token.LogProbability <= 0);
    }

    [Fact]
    public async Task CompleteChatStreaming_Question_IsAnsweredInParts()
    {
        string text = "";
        ChatTokenUsage? usage = null;
        List<ChatFinishReason> reasons = [];
        await foreach (StreamingChatCompletionUpdate update in Chat(storyteller.Server).CompleteChatStreamingAsync(s_question, new ChatCompletionOptions { Temperature = 0 }))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage ??= update.Usage;
            if (update.FinishReason is { } reason)
                reasons.Add(reason);
        }

        text.Should().Be(Storyteller.Answer);
        reasons.Should().Equal(ChatFinishReason.Stop);
        usage!.OutputTokenCount.Should().BePositive();
    }

    [Fact]
    public async Task CompleteChat_RequiredTool_IsCalledAndItsResultRead()
    {
        var script = new ConstrainedScript(ModelTokenizer.Load(DemonstrationModel.Path), Call("get_temperature", """{"city": "Oslo"}"""), "It is cold.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        ChatClient client = Chat(server, "script");
        List<ChatMessage> messages = [new UserChatMessage("Is it cold in Oslo?")];

        ChatCompletion asking = await client.CompleteChatAsync(messages, new ChatCompletionOptions { Tools = { s_tool }, ToolChoice = ChatToolChoice.CreateRequiredChoice() });
        messages.Add(new AssistantChatMessage(asking));
        messages.Add(new ToolChatMessage(asking.ToolCalls.Single().Id, "4 degrees"));
        ChatCompletion answer = await client.CompleteChatAsync(messages, new ChatCompletionOptions { Tools = { s_tool } });

        asking.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        JsonElement.Parse(asking.ToolCalls.Single().FunctionArguments.ToString()).GetProperty("city").GetString().Should().Be("Oslo");
        answer.Content.Single().Text.Should().Be("It is cold.");
        script.Prompts[1].Should().Contain("4 degrees");
    }

    [Fact]
    public async Task CompleteChat_Schema_IsKept()
    {
        var options = new ChatCompletionOptions
        {
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat(
                "answer", BinaryData.FromString("""{"type": "object", "properties": {"says": {"enum": ["yes", "no"]}}, "required": ["says"], "additionalProperties": false}"""), jsonSchemaIsStrict: true),
        };

        ChatCompletion answer = await Chat(storyteller.Server).CompleteChatAsync(s_question, options);

        JsonElement.Parse(answer.Content.Single().Text).GetProperty("says").GetString().Should().BeOneOf("yes", "no");
    }

    [Fact]
    public async Task GenerateEmbeddings_Texts_HaveTheVectorsOfTheModel()
    {
        using var model = LlamaModel.Load(DemonstrationModel.Path);
        float[][] expected = await model.ComputeEmbeddingsAsync((string[])["A cow", "A bear"]);

        OpenAIEmbeddingCollection embeddings = await Client(storyteller.Server).GetEmbeddingClient(Storyteller.Name).GenerateEmbeddingsAsync(["A cow", "A bear"]);

        embeddings.Select(embedding => embedding.ToFloats().ToArray()).Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
    }

    [Fact]
    public async Task GetModels_ListsTheModel() =>
        (await Client(storyteller.Server).GetOpenAIModelClient().GetModelsAsync()).Value.Select(model => model.Id).Should().Equal(Storyteller.Name);

    [Fact]
    public async Task CompleteChat_UnknownModel_ThrowsWithTheStatusAndTheMessage()
    {
        ClientResultException exception = (await FluentActions.Awaiting(() => Chat(storyteller.Server, "gpt-4o").CompleteChatAsync(s_question)).Should().ThrowAsync<ClientResultException>()).Which;

        exception.Status.Should().Be(404);
        exception.Message.Should().Contain("model_not_found").And.Contain("gpt-4o");
    }

    [Fact]
    public async Task CompleteChatStreaming_Cancelled_EndsTheGeneration()
    {
        var model = new EndlessModel(new UnitTesting.ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path)));
        await using LocalServer server = await LocalServer.StartAsync(model);
        using var cancellation = new CancellationTokenSource();

        Func<Task> reading = async () =>
        {
            await foreach (StreamingChatCompletionUpdate _ in Chat(server, "script").CompleteChatStreamingAsync(s_question, cancellationToken: cancellation.Token))
                await cancellation.CancelAsync();
        };

        await reading.Should().ThrowAsync<OperationCanceledException>();
        await model.Ended.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static ChatClient Chat(LocalServer server, string model = Storyteller.Name) => Client(server).GetChatClient(model);

    private static OpenAIClient Client(LocalServer server) => new(
        new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Client.BaseAddress!, "v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
