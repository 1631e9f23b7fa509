using Microsoft.Extensions.AI;

namespace Llama2.Guard.Tests.Clients;

/// <summary>What a caller could read besides one plain text: several messages, contents between texts, names and codes.</summary>
public class GuardedContentTests
{
    private static readonly ChatMessage[] s_question = [new(ChatRole.User, "Tell me.")];

    public static TheoryData<string> SplitAnswers => ["call between", "reasoning in parts", "reasoning around a text", "two messages", "message without an id"];

    [Theory]
    [MemberData(nameof(SplitAnswers))]
    public async Task Answer_PhraseInPartsThatAReaderSeesTogether_IsWithheld(string kind)
    {
        ChatMessage[] messages = Split(kind, "for", "bidden");
        using var client = new GuardedChatClient(new WholeClient(messages), new PhraseGuard("forbidden"));

        (await client.GetResponseAsync(s_question)).FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        (await client.GetStreamingResponseAsync(s_question).ToChatResponseAsync()).FinishReason.Should().Be(ChatFinishReason.ContentFilter);
    }

    [Theory]
    [MemberData(nameof(SplitAnswers))]
    public async Task Answer_MaskInPartsThatAReaderSeesTogether_IsMaskedInAllOfThem(string kind)
    {
        ChatMessage[] messages = Split(kind, "Write to ann@exam", "ple.org please");
        using var client = new GuardedChatClient(new WholeClient(messages), new RuleGuard());

        string whole = TextsOf((await client.GetResponseAsync(s_question)).Messages.SelectMany(message => message.Contents));
        string streamed = TextsOf((await client.GetStreamingResponseAsync(s_question).ToListAsync()).SelectMany(update => update.Contents));

        whole.Should().StartWith("Write to [e-mail address]").And.EndWith(" please").And.NotContain("exam").And.NotContain("ple.");
        streamed.Should().Be("Write to [e-mail address] please");
    }

    [Fact]
    public async Task Answer_NameOfTheAuthor_IsJudged()
    {
        ChatMessage[] messages = [new(ChatRole.Assistant, "An answer.") { AuthorName = "forbidden" }];
        using var client = new GuardedChatClient(new WholeClient(messages), new PhraseGuard("forbidden"));

        ChatResponse whole = await client.GetResponseAsync(s_question), streamed = await client.GetStreamingResponseAsync(s_question).ToChatResponseAsync();

        whole.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        streamed.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        streamed.Messages.Should().OnlyContain(message => message.AuthorName == null);
    }

    [Fact]
    public async Task Answer_SafeNameOfTheAuthor_IsJudgedOnceAndShown()
    {
        var guard = new ScriptedGuard(_ => GuardVerdict.Safe);
        using var inner = new ScriptedClient(_ => Enumerable.Repeat(0, 50).Select(_ => new ChatResponseUpdate(ChatRole.Assistant, "0123456789") { AuthorName = "Ann" }));
        using var client = new GuardedChatClient(inner, guard, new GuardOptions { JudgeInput = false });

        ChatResponse response = await client.GetStreamingResponseAsync(s_question).ToChatResponseAsync();

        response.Messages.Should().ContainSingle().Which.AuthorName.Should().Be("Ann");
        guard.Judged.Where(text => text == "Ann").Should().ContainSingle();
    }

    [Fact]
    public async Task Answer_CodeOfAnError_IsJudged()
    {
        ChatMessage[] messages = [new(ChatRole.Assistant, [new ErrorContent("x") { ErrorCode = "forbidden" }])];
        using var client = new GuardedChatClient(new WholeClient(messages), new PhraseGuard("forbidden"));

        (await client.GetResponseAsync(s_question)).FinishReason.Should().Be(ChatFinishReason.ContentFilter);
    }

    // Half of a surrogate pair in JSON, an object that throws, and one that goes on for ever.
    [Theory]
    [InlineData("half")]
    [InlineData("throws")]
    [InlineData("endless")]
    public async Task Answer_ArgumentThatCannotBeRead_IsAFailureOfTheGuard(string kind)
    {
        object value = kind switch
        {
            "half" => System.Text.Json.JsonElement.Parse("""{"a": "\ud800"}"""),
            "throws" => new[] { 1 }.Select<int, object>(_ => throw new InvalidOperationException("secret")),
            _ => Endless(),
        };
        using var inner = new ScriptedClient(_ => [new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("1", "send", new Dictionary<string, object?> { ["text"] = value })])]);
        using var client = new GuardedChatClient(inner, new PhraseGuard("x"));

        ChatResponseUpdate last = await client.GetStreamingResponseAsync(s_question).LastAsync();

        last.AdditionalProperties![GuardProperties.Failure].Should().Be("content");

        static IEnumerable<object?> Endless()
        {
            while (true)
                yield return null;
        }
    }

    public static TheoryData<GuardVerdict> InvalidVerdicts =>
    [
        GuardVerdict.FromFindings([new(PhraseGuard.Category, "x", 5, int.MaxValue, GuardAction.Mask)]),
        GuardVerdict.FromFindings([new(PhraseGuard.Category, "x", -1, 2, GuardAction.Mask)]),
        GuardVerdict.FromFindings([new(PhraseGuard.Category, null!, 0, 2, GuardAction.Mask)]),
        GuardVerdict.Safe with { Findings = [new(PhraseGuard.Category, "x", 0, 2, GuardAction.Block)] },
        GuardVerdict.Safe with { UndecidedFrom = -1 },
        GuardVerdict.Safe with { UndecidedFrom = 1000 },
    ];

    [Theory]
    [MemberData(nameof(InvalidVerdicts))]
    public async Task Answer_VerdictThatContradictsItself_IsAFailureOfTheGuard(GuardVerdict verdict)
    {
        using var inner = new ScriptedClient("An ", "answer.");
        using var client = new GuardedChatClient(inner, new ScriptedGuard(_ => verdict), new GuardOptions { JudgeInput = false });

        (await client.GetStreamingResponseAsync(s_question).LastAsync()).AdditionalProperties![GuardProperties.Failure].Should().Be("invalid verdict");
        (await client.GetResponseAsync(s_question)).AdditionalProperties![GuardProperties.Failure].Should().Be("invalid verdict");
    }

    [Fact]
    public async Task Stream_CallerCancelsBetweenTwoUpdates_ShowsNoFurtherOne()
    {
        using var cancellation = new CancellationTokenSource();
        using var inner = new ScriptedClient(Enumerable.Repeat("0123456789", 50));
        using var client = new GuardedChatClient(inner, new PhraseGuard("x"));
        int count = 0;

        Func<Task> reading = async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(s_question, cancellationToken: cancellation.Token))
            {
                count++;
                await cancellation.CancelAsync();
            }
        };

        await reading.Should().ThrowAsync<OperationCanceledException>();
        count.Should().Be(1);
        inner.OpenCount.Should().Be(0);
    }

    // Signs of life without text are passed on, and do not collect.
    [Fact]
    public async Task Stream_ManyUpdatesWithoutText_ArePassedBeforeTheEnd()
    {
        var isRead = new TaskCompletionSource();
        using var inner = new ScriptedClient(_ => Enumerable.Repeat(new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("")]), 20_000))
        {
            Before = (index, _) => index == 19_000 ? isRead.Task.WaitAsync(TimeSpan.FromSeconds(60), CancellationToken.None) : Task.CompletedTask,
        };
        using var client = new GuardedChatClient(inner, new PhraseGuard("x"));

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(s_question))
            isRead.TrySetResult();

        isRead.Task.IsCompleted.Should().BeTrue();
    }

    // A guard that never decides: what it leaves undecided is bounded.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_GuardThatNeverDecides_HasFailed(bool failOpen)
    {
        var guard = new ScriptedGuard(_ => GuardVerdict.Safe with { UndecidedFrom = 0 });
        using var inner = new ScriptedClient(Enumerable.Repeat(new string('a', 1000), 100));
        using var client = new GuardedChatClient(inner, guard, new GuardOptions { JudgeInput = false, FailOpen = failOpen });

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(s_question).ToListAsync();

        if (failOpen)
            string.Concat(updates).Should().HaveLength(100_000);
        else
            updates.Should().ContainSingle().Which.AdditionalProperties![GuardProperties.Failure].Should().Be("undecided");
        guard.Judged.Count.Should().BeLessThan(60, "windows grow with what is undecided");
    }

    private static string TextsOf(IEnumerable<AIContent> contents) =>
        string.Concat(contents.Select(content => content is TextContent text ? text.Text : content is TextReasoningContent reasoning && reasoning.Text != "and" ? reasoning.Text : ""));

    private static ChatMessage[] Split(string kind, string first, string second) => kind switch
    {
        "call between" => [new(ChatRole.Assistant, [new TextContent(first), new FunctionCallContent("1", "add"), new TextContent(second)])],
        "reasoning in parts" => [new(ChatRole.Assistant, [new TextReasoningContent(first), new TextReasoningContent(second)])],
        "reasoning around a text" => [new(ChatRole.Assistant, [new TextReasoningContent(first), new TextContent(""), new FunctionCallContent("1", "add"), new TextReasoningContent(second)])],
        "two messages" => [new(ChatRole.Assistant, first) { MessageId = "1" }, new(ChatRole.Assistant, second) { MessageId = "2" }],
        _ => [new(ChatRole.Assistant, first) { MessageId = "1" }, new(ChatRole.Assistant, second)],
    };

    /// <summary>Answers with whole messages, whose contents are not joined.</summary>
    private sealed class WholeClient(ChatMessage[] messages) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> request, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse([.. messages]));

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> request, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            messages.SelectMany(message => message.Contents.Select(content => new ChatResponseUpdate(message.Role, [content]) { MessageId = message.MessageId, AuthorName = message.AuthorName })).ToAsyncEnumerable();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
