using System.Text.Json;
using Llama2.Tests;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

// Routing belongs to the experimental part of Microsoft.Extensions.AI.
#pragma warning disable MEAI001

namespace Llama2.Extensions.Tests.Chat;

/// <summary>
/// Requests that cannot be answered fail before the first update, so that Microsoft.Extensions.AI's <see cref="OrderedFailoverChatClient"/> sends them to
/// another client.
/// </summary>
public sealed class FailoverTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly AIFunction s_backreference = new SchemaTool("""{"properties":{"a":{"type":"string","pattern":"(a)\\1"}}}""");

    public static TheoryData<string> Requests => [.. All().Keys];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task OrderedFailover_RequestThatCannotBeAnswered_IsAnsweredByAnotherClient(string name)
    {
        (ChatOptions options, Type exception) = All()[name];
        using LlamaChatClient local = demonstration.CreateClient();
        using IChatClient client = new OrderedFailoverChatClient([local, Remote()], leaveOpen: true);
        string question = name == "context" ? string.Concat(Enumerable.Repeat("Tim saw a dog. ", 400)) : "Well?";

        (await client.GetResponseAsync(question, options)).Text.Should().Be("From afar.");
        (await client.GetStreamingResponseAsync(question, options).ToChatResponseAsync()).Text.Should().Be("From afar.");

        await using IAsyncEnumerator<ChatResponseUpdate> updates = local.GetStreamingResponseAsync(question, options).GetAsyncEnumerator();
        (await updates.Awaiting(it => it.MoveNextAsync().AsTask()).Should().ThrowAsync<Exception>()).Which.Should().BeOfType(exception);
    }

    [Fact]
    public async Task OrderedFailover_ModelThatHasNoMoreRoom_IsAnsweredByAnotherClient()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path, new LlamaModelOptions { KeyValueCacheByteSize = 1 << 20, MaxWaitingCount = 1 });
        using var local = new LlamaChatClient(model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain });
        using IChatClient client = new OrderedFailoverChatClient([local, Remote()], leaveOpen: true);

        ChatResponse[] responses = await Task.WhenAll(
            Enumerable.Range(0, 24).Select(seed => Task.Run(() => client.GetResponseAsync(Chatting.Prompt, new ChatOptions { MaxOutputTokens = 200, Seed = seed }))));

        responses.Count(response => response.Text == "From afar.").Should().BeInRange(1, 23);
        responses.Should().OnlyContain(response => response.Text.Length > 0);
    }

    // A client of a service collection loads its model when it is resolved; the routing client resolves it within the request.
    [Fact]
    public async Task OrderedFailover_ModelThatCannotBeLoaded_IsAnsweredByAnotherClient()
    {
        var services = new ServiceCollection();
        services.AddLlama("local", "no-such-model.gguf").AddChatClient();
        await using ServiceProvider provider = services.BuildServiceProvider();
        IChatClient remote = Remote();
        var local = RoutingChatClient.Create((_, _) => ValueTask.FromResult(provider.GetRequiredKeyedService<IChatClient>("local")));
        using IChatClient client = new OrderedFailoverChatClient([local, remote]);

        (await client.GetResponseAsync("Well?")).Text.Should().Be("From afar.");
        (await client.GetStreamingResponseAsync("Well?").ToChatResponseAsync()).Text.Should().Be("From afar.");
    }

    [Fact]
    public async Task OrderedFailover_RequestThatCanBeAnswered_IsAnsweredHere()
    {
        using LlamaChatClient local = demonstration.CreateClient();
        using IChatClient client = new OrderedFailoverChatClient([local, Remote()], leaveOpen: true);

        (await client.GetResponseAsync(Chatting.Prompt, Chatting.Greedy)).Text.Should().StartWith(", there was a quiet boy");
    }

    private static Dictionary<string, (ChatOptions Options, Type Exception)> All() => new()
    {
        ["context"] = (new ChatOptions(), typeof(ContextLengthException)),
        ["schema"] = (new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(s_backreference.JsonSchema) }, typeof(OutputConstraintException)),
        ["parameters of a tool"] = (new ChatOptions { Tools = [s_backreference] }, typeof(OutputConstraintException)),
        ["tool of another kind"] = (new ChatOptions { Tools = [new HostedCodeInterpreterTool()] }, typeof(NotSupportedException)),
        ["too few tokens for the answer"] = (new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema<Dictionary<string, Guid>[]>(), MaxOutputTokens = 1 }, typeof(OutputConstraintException)),
        ["too few tokens for a call"] = (new ChatOptions { Tools = [AIFunctionFactory.Create((Guid id) => id, "f")], ToolMode = ChatToolMode.RequireAny, MaxOutputTokens = 12 }, typeof(OutputConstraintException)),
        ["model"] = (new ChatOptions { ModelId = "another" }, typeof(ArgumentException)),
        ["adapter"] = (new ChatOptions { AdditionalProperties = new() { ["adapters"] = "none" } }, typeof(ArgumentException)),
    };

    private ScriptedClient Remote() => new(demonstration.Model.Tokenizer);

    private sealed class ScriptedClient(ModelTokenizer tokenizer)
        : DelegatingChatClient(new LlamaChatClient(new UnitTesting.ScriptedModel(tokenizer, "From afar."), new LlamaChatClientOptions { PromptFormat = PromptFormat.ChatMl }))
    {
        // It accepts every option.
        public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GetResponseAsync([new ChatMessage(ChatRole.User, "Well?")], null, cancellationToken);

        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Well?")], null, cancellationToken);
    }

    private sealed class SchemaTool(string schema) : AIFunction
    {
        public override string Name => "f";

        public override JsonElement JsonSchema { get; } = JsonElement.Parse(schema);

        protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
