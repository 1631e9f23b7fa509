using Llama2.Tests;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Tests.Chat;

/// <summary>The handling of <see cref="ChatOptions.ConversationId"/> by <see cref="LlamaChatClient"/>.</summary>
public sealed class ConversationTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly ChatOptions s_stateless = new() { Temperature = 0, MaxOutputTokens = 8 };

    [Fact]
    public async Task NewMessagesOnly_AreAnsweredAsTheWholeHistoryIs()
    {
        using LlamaChatClient client = demonstration.CreateClient(PromptFormat.Vicuna);
        List<ChatMessage> history = [];
        foreach (string text in (string[])["Tim saw a dog.", "It was big.", "Then?"])
        {
            history.Add(new ChatMessage(ChatRole.User, text));
            ChatResponse whole = await client.GetResponseAsync(history, s_stateless);
            ChatResponse kept = await client.GetResponseAsync(text, In("talk"));
            history.AddMessages(whole);

            kept.Text.Should().Be(whole.Text);
            kept.Usage!.InputTokenCount.Should().Be(whole.Usage!.InputTokenCount);
            kept.ConversationId.Should().Be("talk");
            whole.ConversationId.Should().BeNull();
        }
    }

    [Fact]
    public async Task SecondTurn_CountsWhatWasComputedBefore()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        ChatOptions options = In("cached");
        options.MaxOutputTokens = 100;

        ChatResponse first = await client.GetResponseAsync(Chatting.Prompt, options);
        ChatResponse second = await client.GetResponseAsync(" Then", options);

        second.Usage!.CachedInputTokenCount.Should().BeGreaterThan(first.Usage!.InputTokenCount!.Value);
    }

    [Fact]
    public async Task TwoConversations_DoNotHearEachOther()
    {
        using LlamaChatClient client = demonstration.CreateClient();

        await client.GetResponseAsync("Once upon a time", In("a"));
        ChatResponse other = await client.GetResponseAsync("Once", In("b"));

        other.Usage!.InputTokenCount.Should().Be((await client.GetResponseAsync("Once", s_stateless)).Usage!.InputTokenCount);
    }

    [Fact]
    public async Task Instructions_HoldForTheirRequestOnly()
    {
        using LlamaChatClient client = demonstration.CreateClient(PromptFormat.Vicuna);
        ChatOptions instructed = In("a");
        instructed.Instructions = "Tell of dogs.";

        ChatResponse first = await client.GetResponseAsync("Tim saw one.", instructed);
        ChatResponse second = await client.GetResponseAsync("Then?", In("a"));

        GenerationResult direct = await demonstration.GenerateAsync(
            PromptFormat.Vicuna, new GenerationOptions { Temperature = 0, MaxTokens = 8 },
            LlamaMessage.User("Tim saw one."), LlamaMessage.Assistant(first.Text), LlamaMessage.User("Then?"));
        second.Usage!.InputTokenCount.Should().Be(direct.Usage.PromptTokenCount);
    }

    [Fact]
    public async Task RequestThatWasAbandoned_LeavesTheConversationAsItWas()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        await client.GetResponseAsync("Once", In("a"));
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(" and again", In("a")))
            break;
        await client.Awaiting(it => it.GetResponseAsync([new(ChatRole.User, [new DataContent("data:image/png;base64,AAAA")])], In("a")))
            .Should().ThrowAsync<NotSupportedException>();

        ChatResponse next = await client.GetResponseAsync(" upon", In("a"));
        ChatResponse fresh = await client.GetResponseAsync("Once", In("b"));
        ChatResponse expected = await client.GetResponseAsync(" upon", In("b"));

        fresh.Text.Should().NotBeEmpty();
        next.Usage!.InputTokenCount.Should().Be(expected.Usage!.InputTokenCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RequestWhoseReaderStopsAfterTheLastUpdate_IsStoredUnlessItWasCancelled(bool isCancelled)
    {
        using LlamaChatClient client = demonstration.CreateClient();
        using var cancellation = new CancellationTokenSource();
        await client.GetResponseAsync("Once", In("a"));
        ChatResponse unchanged = await client.GetResponseAsync("Once", In("b"));
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(" and again", In("a"), cancellation.Token))
        {
            if (update.FinishReason is null)
                continue;
            if (isCancelled)
                await cancellation.CancelAsync();
            break;
        }

        int length = (int)(await client.GetResponseAsync(" upon", In("a"))).Usage!.InputTokenCount!;
        int unchangedLength = (int)(await client.GetResponseAsync(" upon", In("b"))).Usage!.InputTokenCount!;

        unchanged.Text.Should().NotBeEmpty();
        (length == unchangedLength).Should().Be(isCancelled);
    }

    [Fact]
    public async Task SecondRequestAtTheSameTime_IsAnErrorThatNamesTheConversation()
    {
        using LlamaChatClient client = demonstration.CreateClient();
        await using IAsyncEnumerator<ChatResponseUpdate> first = client.GetStreamingResponseAsync("Once", In("a")).GetAsyncEnumerator();
        await first.MoveNextAsync();

        await client.Awaiting(it => it.GetResponseAsync("upon", In("a"))).Should().ThrowAsync<InvalidOperationException>().WithMessage("Conversation 'a'*");
    }

    [Fact]
    public async Task ConversationThatMadeRoom_IsAnErrorThatNamesItAndTheLimits()
    {
        using var client = new LlamaChatClient(
            demonstration.Model, new LlamaChatClientOptions { PromptFormat = PromptFormat.Plain, MaxConversationCount = 1 });
        await client.GetResponseAsync("Once", In("a"));
        await client.GetResponseAsync("Once", In("b"));

        await client.Awaiting(it => it.GetResponseAsync("upon", In("a")))
            .Should().ThrowAsync<ConversationDroppedException>().WithMessage("Conversation 'a'*MaxConversationCount*");
        (await client.GetResponseAsync("upon", In("b"))).Text.Should().NotBeEmpty();
    }

    private static ChatOptions In(string conversationId) => new() { Temperature = 0, MaxOutputTokens = 8, ConversationId = conversationId };
}
