using CsCheck;
using Microsoft.Extensions.AI;

namespace Llama2.Guard.Tests.Clients;

/// <summary>Streams whose guard knows from which place its text is undecided: not one character of what is found may be shown, whatever its length, without any overlap.</summary>
public class UndecidedStreamTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly ChatMessage[] s_question = [new(ChatRole.User, "Tell me.")];
    private static readonly GuardCategory s_category = new("T1", "Test Words");

    // Keys were made up for this test; parts are joined so that scanners of repositories do not report this file.
    private static readonly string[] s_parts =
    [
        " ", " ", ".", ", ", "\n", "a", "b", "x", "the ", "rope", "ropes", "way ", "r o p e", "r", " o", " p", " e", "e x t r e m e l y ", "an extremely long ", "phrase of ", "several words ", "that is blocked",
        "AK" + "IA", "Q3EGLZ7M", "UP4XWN2B", "gh" + "p_", "a8F3kQz91LmNxT4vB7c", "YwR2dH6sJ0uGpEoXi", "-----BEGIN ", "RSA ", "PRIVATE KEY-----", "MIIEow", "-----END ", "pass", "word", " = ", "tR7#kz9Qm2Xw4Lp",
        "ey" + "JhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxIn0", ".c2lnbmF0dXJl", "ann", "@", "example", ".org", "4111", " 1111", "-1111", "1", "+49 30 ", "1234567", "212-", "555-", "0100", "DE89", " 3704 0044 0532", " 0130 00",
        "203.0", ".113", ".7", "2001:db8", "::1", "078-05-", "1120", "ORD-", "123456", "<<", "unknown", " end", ">>", "\u200B", "\uD835", "\uDD01", "𝓻𝓸𝓹𝓮", "ro\u0308pe", "r0p3",
    ];

    private static readonly Gen<string> s_texts = Gen.Int[0, s_parts.Length - 1].Array[1, 24].Select(chosen => string.Concat(chosen.Select(i => s_parts[i])));

    // Most contexts are shorter than the texts, so that windows begin within them.
    private static readonly Gen<int> s_contexts = Gen.Int[0, 100];

    [Fact]
    public async Task Stream_RulesThatBlock_ShowsNoCharacterOfWhatIsFoundAndAllBeforeThat()
    {
        int withheldCount = 0;
        IContentGuard guard = new RuleGuard(OptionsOf(GuardAction.Block));
        await Gen.Select(s_texts, Gen.Int[1, 9].Array[1, 8], Gen.Int[1, 60], s_contexts).SampleAsync(async (text, chunks, window, context) =>
        {
            GuardVerdict whole = ((RuleGuard)guard).Judge(GuardRequest.ForAssistant(text));
            (string shown, bool isWithheld) = await ReadAsync(text, chunks, guard, new GuardOptions { WindowLength = window, OverlapLength = 0, ContextLength = context });

            isWithheld.Should().Be(!whole.IsSafe, "the verdict does not depend on the windows");
            if (whole.IsSafe)
                shown.Should().Be(text);
            else
                text[..whole.Findings[0].Start].Should().StartWith(shown, "not even the first character may be shown");
            Interlocked.Add(ref withheldCount, isWithheld ? 1 : 0);
        }, iter: 1500);
        withheldCount.Should().BePositive();
    }

    [Fact]
    public async Task Stream_RulesThatMask_ShowsWhatTheWholeTextWouldShow()
    {
        var guard = new RuleGuard(OptionsOf(GuardAction.Mask));
        int maskedCount = 0;
        await Gen.Select(s_texts, Gen.Int[1, 9].Array[1, 8], Gen.Int[1, 60], s_contexts).SampleAsync(async (text, chunks, window, context) =>
        {
            GuardVerdict whole = guard.Judge(GuardRequest.ForAssistant(text));
            (string shown, bool isWithheld) = await ReadAsync(text, chunks, guard, new GuardOptions { WindowLength = window, OverlapLength = 0, ContextLength = context });

            isWithheld.Should().BeFalse();
            shown.Should().Be(whole.ApplyMasks(text));
            Interlocked.Add(ref maskedCount, whole.HasMasks ? 1 : 0);
        }, iter: 1500);
        maskedCount.Should().BePositive();
    }

    // What only stands at the beginning of a text, or of a word, is not found where the context of a window begins.
    [Theory]
    [InlineData("^sure", "no, sure. ")]
    [InlineData("\\Asure", "no, sure. ")]
    [InlineData("\\bsure", "-----------------------------------unsure")]
    [InlineData("^(?:sure|[^nT])", "no, sure. ")]
    public async Task Stream_PatternOfABeginning_IsNotFoundWhereAContextBegins(string pattern, string unit)
    {
        var guard = new RuleGuard(new RuleGuardOptions { Patterns = [new GuardPattern(s_category, "beginning", pattern)] });
        string text = string.Concat(Enumerable.Repeat(unit, 40));
        for (int context = 0; context < 60; context++)
        {
            (string shown, bool isWithheld) = await ReadAsync(text, [3], guard, new GuardOptions { WindowLength = 5, OverlapLength = 0, ContextLength = context });

            isWithheld.Should().BeFalse("the context has {0} characters", context);
            shown.Should().Be(text);
        }
    }

    private static RuleGuardOptions OptionsOf(GuardAction action) => new()
    {
        BlockLists =
        [
            new BlockList(s_category, "rope", "an extremely long phrase of several words that is blocked") { Action = action },
            new BlockList(s_category, "xxaxx") { Action = action, WholeWords = false },
        ],
        Patterns = [new GuardPattern(s_category, "order", @"\bORD-\d{6}\b") { Action = action }, new GuardPattern(s_category, "marked", "<<[^>]*>>") { Action = action }],
        Secrets = action,
        PersonalData = action,
    };

    private static async Task<(string Shown, bool IsWithheld)> ReadAsync(string text, int[] chunks, IContentGuard guard, GuardOptions options)
    {
        List<string> parts = [];
        for (int i = 0, position = 0; position < text.Length; position += parts[^1].Length, i++)
            parts.Add(text.Substring(position, Math.Min(chunks[i % chunks.Length], text.Length - position)));
        using var inner = new ScriptedClient(parts);
        using var client = new GuardedChatClient(inner, guard, options);
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(s_question).ToListAsync().AsTask().WaitAsync(s_patience);
        bool isWithheld = updates is [.., { FinishReason: { } reason }] && reason == ChatFinishReason.ContentFilter;
        return (string.Concat(isWithheld ? updates.SkipLast(1) : updates), isWithheld);
    }
}
