using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Anthropic.Models.Models;
using Llama2.Extensions.Tests;
using Llama2.Tests;
using static Llama2.Extensions.Tests.ToolTexts;

namespace Llama2.Server.Tests.Clients;

/// <summary>The official client of Anthropic for .NET, with nothing changed but the address.</summary>
public sealed class AnthropicClientTests(GreedyStoryteller storyteller) : IClassFixture<GreedyStoryteller>
{
    private static readonly Tool s_tool = new()
    {
        Name = "get_temperature",
        Description = "The temperature",
        InputSchema = InputSchema.FromRawUnchecked(
            JsonElement.Parse("""{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}""").EnumerateObject().ToDictionary(field => field.Name, field => field.Value)),
    };

    [Fact]
    public async Task Create_Question_IsAnswered()
    {
        Message answer = await Client(storyteller.Server).Messages.Create(Question());

        TextOf(answer).Should().Be(Storyteller.Answer);
        answer.StopReason!.Value().Should().Be(StopReason.EndTurn);
        answer.Model.Raw().Should().Be(Storyteller.Name);
        (answer.Usage.InputTokens + answer.Usage.CacheReadInputTokens!.Value).Should().BePositive();
        answer.Usage.OutputTokens.Should().BePositive();
    }

    [Fact]
    public async Task Create_StopSequence_IsNamed()
    {
        Message answer = await Client(storyteller.Server).Messages.Create(Question() with { StopSequences = ["says"] });

        (answer.StopReason!.Value(), answer.StopSequence).Should().Be((StopReason.StopSequence, "says"));
    }

    [Fact]
    public async Task CreateStreaming_Question_IsAnsweredInParts()
    {
        string text = "";
        List<StopReason> reasons = [];
        await foreach (RawMessageStreamEvent item in Client(storyteller.Server).Messages.CreateStreaming(Question()))
        {
            if (item.TryPickContentBlockDelta(out RawContentBlockDeltaEvent? delta) && delta.Delta.TryPickText(out TextDelta? piece))
                text += piece.Text;
            if (item.TryPickDelta(out RawMessageDeltaEvent? end))
            {
                reasons.Add(end.Delta.StopReason!.Value());
                end.Usage.OutputTokens.Should().BePositive();
            }
        }

        text.Should().Be(Storyteller.Answer);
        reasons.Should().Equal(StopReason.EndTurn);
    }

    [Fact]
    public async Task Create_RequiredTool_IsCalledAndItsResultRead()
    {
        var script = new ConstrainedScript(ModelTokenizer.Load(DemonstrationModel.Path), Call("get_temperature", """{"city": "Oslo"}"""), "It is cold.");
        await using LocalServer server = await LocalServer.StartAsync(script);
        AnthropicClient client = Client(server);
        MessageCreateParams request = Question("script") with { Tools = [s_tool] };

        Message asking = await client.Messages.Create(request with { ToolChoice = new ToolChoiceAny() });
        asking.Content.Single().TryPickToolUse(out ToolUseBlock? call).Should().BeTrue();
        List<ContentBlockParam> said = [.. asking.Content.Select(block => new ContentBlockParam(block.Json))];
        List<ContentBlockParam> result = [new ToolResultBlockParam(call!.ID) { Content = "4 degrees" }];
        Message answer = await client.Messages.Create(request with { Messages = [.. request.Messages, new AssistantMessageParam(said), new UserMessageParam(result)] });

        asking.StopReason!.Value().Should().Be(StopReason.ToolUse);
        call.Input["city"].GetString().Should().Be("Oslo");
        TextOf(answer).Should().Be("It is cold.");
        script.Prompts[1].Should().Contain("4 degrees");
    }

    [Fact]
    public async Task CountTokens_Question_IsTheNumberOfPromptTokens()
    {
        AnthropicClient client = Client(storyteller.Server);
        Usage usage = (await client.Messages.Create(Question())).Usage;

        MessageTokensCount count = await client.Messages.CountTokens(new MessageCountTokensParams { Model = Storyteller.Name, Messages = Question().Messages });

        count.InputTokens.Should().Be(usage.InputTokens + usage.CacheReadInputTokens);
    }

    [Fact]
    public async Task Create_UnknownModel_ThrowsWithTheMessageAndTheId()
    {
        AnthropicNotFoundException exception =
            (await FluentActions.Awaiting(() => Client(storyteller.Server).Messages.Create(Question("claude"))).Should().ThrowAsync<AnthropicNotFoundException>()).Which;

        exception.ApiMessage.Should().Contain("claude");
        exception.RequestID.Should().StartWith("req_");
    }

    [Fact]
    public async Task Create_BusyModel_ThrowsOverloaded()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            new FaultyModel(new UnitTesting.ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path)), 0, () => new LlamaBusyException(1)));

        await FluentActions.Awaiting(() => Client(server).Messages.Create(Question("script"))).Should().ThrowAsync<AnthropicOverloadedException>();
    }

    [Fact]
    public async Task GetModels_ListsTheModel()
    {
        ModelListPage page = await Client(storyteller.Server).Models.List(new ModelListParams());

        page.Items.Select(model => model.ID).Should().Equal(Storyteller.Name);
    }

    [Fact]
    public async Task CreateStreaming_Cancelled_EndsTheGeneration()
    {
        var model = new EndlessModel(new UnitTesting.ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path)));
        await using LocalServer server = await LocalServer.StartAsync(model);
        using var cancellation = new CancellationTokenSource();

        Func<Task> reading = async () =>
        {
            await foreach (RawMessageStreamEvent _ in Client(server).Messages.CreateStreaming(Question("script"), cancellation.Token))
                await cancellation.CancelAsync();
        };

        await reading.Should().ThrowAsync<OperationCanceledException>();
        await model.Ended.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static MessageCreateParams Question(string model = Storyteller.Name) =>
        new() { Model = model, MaxTokens = 100, Messages = [new UserMessageParam(Storyteller.Question)] };

    private static string TextOf(Message answer) => answer.Content.Single().TryPickText(out TextBlock? text) ? text.Text : throw new InvalidDataException();

    private static AnthropicClient Client(LocalServer server) =>
        new() { BaseUrl = server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority), ApiKey = "none", MaxRetries = 0 };
}
