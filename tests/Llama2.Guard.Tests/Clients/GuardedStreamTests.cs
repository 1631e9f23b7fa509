using System.Collections.Concurrent;
using CsCheck;
using Microsoft.Extensions.AI;

namespace Llama2.Guard.Tests.Clients;

public class GuardedStreamTests
{
    private const string Refusal = "(withheld)";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly ChatMessage[] s_question = [new(ChatRole.User, "Tell me.")];

    // The guard finds the text unsafe as soon as it has k characters: the k-th must never be shown, wherever windows end.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 0)]
    [InlineData(7, 3)]
    [InlineData(64, 16)]
    public async Task Stream_GuardThatBlocksAtAnyCharacter_ShowsNothingFromThereOn(int window, int overlap)
    {
        const string Text = "It was a bright cold day in April, and the clocks were striking thirteen; nobody had wound them for years.";
        for (int k = 1; k <= Text.Length; k++)
        {
            var guard = new ScriptedGuard(request => request.Judged.Role == LlamaRole.Assistant && request.Judged.Content.Length >= k ? GuardVerdict.Unsafe() : GuardVerdict.Safe);
            using var inner = new ScriptedClient(Text.Chunk(1 + (k % 5)).Select(chunk => new string(chunk)));
            (string shown, bool isWithheld) = await ReadAsync(inner, guard, new GuardOptions { WindowLength = window, OverlapLength = overlap, Refusal = Refusal });

            isWithheld.Should().BeTrue();
            shown.Length.Should().BeLessThan(k);
            Text.Should().StartWith(shown);
            inner.OpenCount.Should().Be(0);
        }
    }

    [Fact]
    public async Task Stream_RandomTextsAndBorders_NeverShowsAPartOfAPhrase()
    {
        int withheldCount = 0;
        await Gen.Select(TextOf("abx ", 0, 80), TextOf("abx ", 0, 80), Gen.Bool, Gen.Int[1, 9].Array[1, 12], Gen.Int[1, 40], Gen.Int[8, 20]).SampleAsync(async (before, after, hasPhrase, chunks, window, overlap) =>
        {
            const string Phrase = "forbidden";
            string text = before + (hasPhrase ? Phrase : "") + after;
            using var inner = new ScriptedClient(Split(text, chunks));
            (string shown, bool isWithheld) = await ReadAsync(inner, new PhraseGuard(Phrase), new GuardOptions { WindowLength = window, OverlapLength = Math.Max(overlap, Phrase.Length), Refusal = Refusal });

            isWithheld.Should().Be(hasPhrase);
            if (hasPhrase)
                before.Should().StartWith(shown, "not even the first character of the phrase may be shown");
            else
                shown.Should().Be(text, "what is safe is shown completely");
            Interlocked.Add(ref withheldCount, hasPhrase ? 1 : 0);
        }, iter: 300);
        withheldCount.Should().BePositive();
    }

    [Fact]
    public async Task Stream_RandomTextsAndBorders_ShowsMasksAsInTheWholeText() =>
        await Gen.Select(TextOf("ab ", 0, 40), TextOf("ab ", 0, 40), Gen.Int[1, 7].Array[1, 12], Gen.Int[1, 30]).SampleAsync(async (before, after, chunks, window) =>
        {
            const string Phrase = "0123-4567";
            string text = before + Phrase + after + Phrase;
            using var inner = new ScriptedClient(Split(text, chunks));
            (string shown, bool isWithheld) = await ReadAsync(inner, new PhraseGuard(Phrase, GuardAction.Mask), new GuardOptions { WindowLength = window, OverlapLength = 16, ContextLength = 24 });

            isWithheld.Should().BeFalse();
            shown.Should().Be($"{before}[phrase]{after}[phrase]");
        }, iter: 300);

    [Theory]
    [InlineData("x")]
    [InlineData("x ")]
    [InlineData("\U0001F600")]
    public async Task Stream_GuardThatReadsNoContext_IsShownToItsEnd(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 100));
        using var inner = new ScriptedClient(Split(text, [10]));

        (string shown, bool isWithheld) = await ReadAsync(inner, new PhraseGuard("forbidden"), new GuardOptions { WindowLength = 10, OverlapLength = 0, ContextLength = 0 });

        isWithheld.Should().BeFalse();
        shown.Should().Be(text);
    }

    // Characters outside the basic plane are split between updates and between windows, and some halves are lost.
    [Fact]
    public async Task Stream_HalvesOfSurrogatePairs_AreShownAsTheyCame() =>
        await Gen.Select(TextOf("a\uD83D\uDE00\u200B", 1, 60), Gen.Int[1, 5].Array[1, 8], Gen.Int[1, 20]).SampleAsync(async (text, chunks, window) =>
        {
            using var inner = new ScriptedClient(Split(text, chunks));
            (string shown, bool isWithheld) = await ReadAsync(inner, new RuleGuard(), new GuardOptions { WindowLength = window, OverlapLength = 4, ContextLength = 6 });

            isWithheld.Should().BeFalse();
            shown.Should().Be(text);
        }, iter: 300);

    // Half of the streams have a secret of their own, which their own guard request would find. A stream that showed another's text would not have its own marks only.
    [Fact]
    public async Task Stream_ThousandAtOnce_LeakNothingAndLeaveNothing()
    {
        var shared = new RuleGuard();
        using var inner = new ScriptedClient(messages =>
        {
            string id = messages[^1].Text;
            string secret = int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture) % 2 == 0 ? "password=" + $"tR7kz9Qm2X{id}w4L" : "no secret";
            string text = $"<{id}> " + new string('.', 150) + secret + new string('.', 150) + $" </{id}>";
            return text.Chunk(11).Select(chunk => new ChatResponseUpdate(ChatRole.Assistant, new string(chunk)) { RawRepresentation = text, AdditionalProperties = new() { ["whole"] = text } });
        });
        using var client = new GuardedChatClient(inner, shared, new GuardOptions { WindowLength = 64, Refusal = Refusal, MaxBufferedUpdateCount = 4 });
        var faults = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            string id = $"n{i}", shown = "";
            bool isWithheld = false;
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(id))
            {
                isWithheld |= update.FinishReason == ChatFinishReason.ContentFilter;
                shown += update.FinishReason == ChatFinishReason.ContentFilter ? "" : update.Text;
                if (update.RawRepresentation is not null || (update.AdditionalProperties?.ContainsKey("whole") ?? false))
                    faults.Add($"{id} passed an object of the model");
            }

            if (isWithheld != (i % 2 == 0) || shown.Contains("password", StringComparison.Ordinal) || !shown.StartsWith($"<{id}> ", StringComparison.Ordinal)
                || (!isWithheld && !shown.EndsWith($" </{id}>", StringComparison.Ordinal)))
            {
                faults.Add($"{id}: {shown}");
            }
        })).WaitAsync(s_patience);

        faults.Should().BeEmpty();
        inner.OpenCount.Should().Be(0, "no stream of the model is left open");
        inner.CancelledCount.Should().Be(500, "each generation that was withheld was cancelled");
    }

    [Fact]
    public async Task Stream_SafeAnswer_KeepsOrderIdsAndUsage()
    {
        ChatResponseUpdate[] updates =
        [
            new() { Role = ChatRole.Assistant, ResponseId = "r", MessageId = "m", ModelId = "model", ConversationId = "c" },
            new(ChatRole.Assistant, "one ") { ResponseId = "r", MessageId = "m" },
            new(ChatRole.Assistant, [new TextReasoningContent("because ")]) { MessageId = "m" },
            new(ChatRole.Assistant, "two") { MessageId = "m", AuthorName = "a" },
            new(ChatRole.Assistant, [new FunctionCallContent("id", "add", new Dictionary<string, object?> { ["x"] = 1 })]) { FinishReason = ChatFinishReason.ToolCalls },
            new(ChatRole.Assistant, [new UsageContent(new UsageDetails { OutputTokenCount = 3 })]),
        ];
        using var inner = new ScriptedClient(_ => updates);
        using var client = new GuardedChatClient(inner, new RuleGuard());

        ChatResponse response = await client.GetStreamingResponseAsync(s_question).ToChatResponseAsync();

        response.Should().BeEquivalentTo(updates.ToChatResponse(), options => options.Excluding(r => r.RawRepresentation).WithStrictOrdering());
        response.Usage!.OutputTokenCount.Should().Be(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_InterleavedMessages_ArePiecedTogetherBeforeTheyAreJudged(bool isOneMessageUnsafe)
    {
        // The phrase is in one message and interrupted by the other, or only in the texts of both one after the other.
        string[][] parts = isOneMessageUnsafe ? [["a", "for"], ["b", "xyz"], ["a", "bidden"]] : [["a", "xx for"], ["b", "bidden"], ["a", " yy"]];
        using var inner = new ScriptedClient(_ => parts.Select(part => new ChatResponseUpdate(ChatRole.Assistant, part[1]) { MessageId = part[0] }));

        (string shown, bool isWithheld) = await ReadAsync(inner, new PhraseGuard("forbidden"), new GuardOptions { WindowLength = 1, OverlapLength = 16 });

        isWithheld.Should().BeTrue();
        shown.Should().BeEmpty();
    }

    public static TheoryData<AIContent> UnsafeContents =>
    [
        new TextReasoningContent("this is forbidden"),
        new FunctionCallContent("1", "forbidden", null),
        new FunctionCallContent("1", "send", new Dictionary<string, object?> { ["text"] = "forbidden" }),
        new FunctionCallContent("1", "send", new Dictionary<string, object?> { ["text"] = System.Text.Json.JsonElement.Parse("""{"a": ["\u0066orbidden"]}""") }),
        new FunctionResultContent("1", new Dictionary<string, object?> { ["forbidden"] = 1 }),
        new FunctionResultContent("1", "forbidden"),
        new ErrorContent("x") { Details = "forbidden" },
    ];

    [Theory]
    [MemberData(nameof(UnsafeContents))]
    public async Task Stream_ContentOtherThanText_IsJudged(AIContent content)
    {
        using var inner = new ScriptedClient(_ => [new ChatResponseUpdate(ChatRole.Assistant, "first "), new ChatResponseUpdate(ChatRole.Assistant, [content])]);
        using var client = new GuardedChatClient(inner, new PhraseGuard("forbidden"));

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(s_question).ToListAsync();

        updates[^1].FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        updates.SelectMany(update => update.Contents).Should().AllBeOfType<TextContent>();
        (await client.GetResponseAsync(s_question)).FinishReason.Should().Be(ChatFinishReason.ContentFilter);
    }

    [Fact]
    public async Task Stream_MaskInACall_IsWithheldBecauseArgumentsCannotBeMasked()
    {
        using var inner = new ScriptedClient(_ => [new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("1", "send", new Dictionary<string, object?> { ["to"] = "ann@example.org" })])]);
        using var client = new GuardedChatClient(inner, new RuleGuard());

        ChatResponseUpdate last = await client.GetStreamingResponseAsync(s_question).LastAsync();

        last.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        last.AdditionalProperties![GuardProperties.Categories].Should().Be("personal-data");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_ContentThatCannotBeJudged_IsAFailure(bool failOpen)
    {
        using var inner = new ScriptedClient(_ => [new ChatResponseUpdate(ChatRole.Assistant, [new DataContent("data:image/png;base64,AAAA")])]);
        using var client = new GuardedChatClient(inner, new PhraseGuard("x"), new GuardOptions { FailOpen = failOpen });

        ChatResponseUpdate last = await client.GetStreamingResponseAsync(s_question).LastAsync();

        last.Contents.OfType<DataContent>().Any().Should().Be(failOpen);
        last.AdditionalProperties![failOpen ? GuardProperties.FailedOpen : GuardProperties.Failure].Should().Be("content");
    }

    [Fact]
    public async Task Stream_Withheld_CancelsTheGenerationBeforeTheRefusalIsShown()
    {
        using var inner = new ScriptedClient(Enumerable.Repeat("forbidden ", 1_000_000));
        using var client = new GuardedChatClient(inner, new PhraseGuard("forbidden"), new GuardOptions { MaxBufferedUpdateCount = 2, WindowLength = 10 });

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(s_question).ToListAsync().AsTask().WaitAsync(s_patience);

        updates.Should().ContainSingle().Which.FinishReason.Should().Be(ChatFinishReason.ContentFilter);
        updates[0].AdditionalProperties.Should().BeEquivalentTo(new Dictionary<string, object?>
        {
            [GuardProperties.Stage] = "output",
            [GuardProperties.Categories] = "P1",
            [GuardProperties.Reasons] = "Phrases, phrase",
        });
        inner.CancelledCount.Should().Be(1);
        inner.SentCount.Should().BeLessThan(10);
    }

    [Fact]
    public async Task Stream_WhileTheGuardJudges_TheModelGoesOnUntilTheBufferIsFull()
    {
        var isJudging = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        var guard = new WaitingGuard(async _ =>
        {
            isJudging.TrySetResult();
            await mayEnd.Task;
            return GuardVerdict.Safe;
        });
        var isFull = new TaskCompletionSource();
        using var inner = new ScriptedClient(Enumerable.Repeat("0123456789", 50)) { Before = (index, _) => index == 6 ? Task.Run(isFull.SetResult, CancellationToken.None) : Task.CompletedTask };
        using var client = new GuardedChatClient(inner, guard, new GuardOptions { JudgeInput = false, WindowLength = 20, MaxBufferedUpdateCount = 4 });

        Task<List<ChatResponseUpdate>> reading = client.GetStreamingResponseAsync(s_question).ToListAsync().AsTask();
        await isJudging.Task.WaitAsync(s_patience);
        await isFull.Task.WaitAsync(s_patience);
        int sentCount = inner.SentCount;
        mayEnd.SetResult();

        // Two updates are a window, four wait, and one is about to wait.
        sentCount.Should().BeInRange(6, 7);
        string.Concat(await reading.WaitAsync(s_patience)).Should().HaveLength(500);
    }

    [Fact]
    public async Task Stream_InnerClientFails_ShowsOnlyWhatWasJudged()
    {
        using var inner = new ScriptedClient(Enumerable.Repeat("0123456789", 50)) { Before = (index, _) => index == 30 ? throw new InvalidOperationException("lost") : Task.CompletedTask };
        var guard = new ScriptedGuard(_ => GuardVerdict.Safe);
        using var client = new GuardedChatClient(inner, guard, new GuardOptions { WindowLength = 100, OverlapLength = 20 });
        string shown = "";

        Func<Task> reading = async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(s_question))
                shown += update.Text;
        };

        (await reading.Should().ThrowAsync<InvalidOperationException>()).WithMessage("lost");
        shown.Length.Should().BeLessThanOrEqualTo(guard.Judged.Max(text => text.Length) - 20);
        inner.OpenCount.Should().Be(0);
    }

    [Fact]
    public async Task Stream_CallerStopsReading_EndsTheGeneration()
    {
        using var inner = new ScriptedClient(Enumerable.Repeat("0123456789", 1_000_000));
        using var client = new GuardedChatClient(inner, new PhraseGuard("x"));

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(s_question))
            break;

        inner.OpenCount.Should().Be(0);
        inner.CancelledCount.Should().Be(1);
    }

    [Fact]
    public async Task Stream_TextsOfTheRequest_AreTheContextOfTheAnswer()
    {
        List<GuardRequest> requests = [];
        var guard = new ScriptedGuard(request =>
        {
            requests.Add(request);
            return GuardVerdict.Safe;
        });
        using var inner = new ScriptedClient("An answer.");
        using var client = new GuardedChatClient(inner, guard);

        await client.GetStreamingResponseAsync([new(ChatRole.System, "Be kind."), new(ChatRole.User, "Hello."), new(ChatRole.Assistant, "Hello!"), new(ChatRole.User, "A question?")]).ToListAsync();

        requests.Should().HaveCount(2);
        requests[0].Messages.Select(message => message.Content).Should().Equal("Be kind.", "Hello.", "Hello!", "A question?");
        requests[0].IsPartial.Should().BeFalse();
        requests[1].Messages.Select(message => message.Content).Should().Equal("Be kind.", "Hello.", "Hello!", "A question?", "An answer.");
        requests[1].Judged.Role.Should().Be(LlamaRole.Assistant);
    }

    private static async Task<(string Shown, bool IsWithheld)> ReadAsync(ScriptedClient inner, IContentGuard guard, GuardOptions options)
    {
        using var client = new GuardedChatClient(inner, guard, options with { Refusal = Refusal });
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(s_question).ToListAsync().AsTask().WaitAsync(s_patience);
        bool isWithheld = updates is [.., { FinishReason: { } reason }] && reason == ChatFinishReason.ContentFilter;
        if (isWithheld)
            updates[^1].Text.Should().Be(Refusal);
        return (string.Concat(isWithheld ? updates.SkipLast(1) : updates), isWithheld);
    }

    private static IEnumerable<string> Split(string text, int[] lengths)
    {
        for (int i = 0, position = 0; position < text.Length; i++)
        {
            int length = Math.Min(lengths[i % lengths.Length], text.Length - position);
            yield return text.Substring(position, length);
            position += length;
        }
    }

    private static Gen<string> TextOf(string characters, int minLength, int maxLength) =>
        Gen.Int[0, characters.Length - 1].Array[minLength, maxLength].Select(indices => string.Concat(indices.Select(index => characters[index])));
}
