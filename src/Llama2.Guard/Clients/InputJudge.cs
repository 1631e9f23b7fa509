using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>Judges the messages of a request.</summary>
internal static class InputJudge
{
    /// <summary>Judges the messages that are new, or all of them.</summary>
    /// <param name="guard">The guard.</param>
    /// <param name="messages">The request's messages.</param>
    /// <param name="options">Which messages to judge.</param>
    /// <param name="cancellationToken">Ends the judging.</param>
    public static async Task<JudgedInput> JudgeAsync(TimedGuard guard, IReadOnlyList<ChatMessage> messages, GuardOptions options, CancellationToken cancellationToken)
    {
        List<ChatMessage> passed = [.. messages];
        List<LlamaMessage> read = [];
        string? failedOpen = null;
        int lastAnswer = passed.FindLastIndex(message => message.Role == ChatRole.Assistant);
        for (int i = 0; i < passed.Count; i++)
        {
            var texts = MessageTexts.Of(passed[i]);
            read.Add(texts.Message);
            bool isJudged = options.JudgeInput && texts.Role != LlamaRole.System && (i > lastAnswer || options.JudgeHistory);
            if (!isJudged || (texts.IsJudgeable && texts.Message.Content.Length == 0))
                continue;
            GuardOutcome outcome = await JudgeOneAsync(guard, texts, read, cancellationToken).ConfigureAwait(false);
            if (!outcome.IsPassed)
                return new JudgedInput(passed, read, new Refusal(Refusal.Input, outcome), null);
            failedOpen ??= outcome.FailedOpen;
            var masks = MaskSpans.Of(outcome.Verdict);
            if (masks.IsEmpty)
                continue;
            passed[i] = Masked(passed[i], texts, masks);
            read[^1] = MessageTexts.Of(passed[i]).Message;
        }

        return new JudgedInput(passed, read, null, failedOpen);
    }

    /// <summary>Judges a whole message after others.</summary>
    public static async Task<GuardOutcome> JudgeOneAsync(TimedGuard guard, MessageTexts texts, IEnumerable<LlamaMessage> conversation, CancellationToken cancellationToken)
    {
        if (!texts.IsJudgeable)
            return guard.Failed("content");
        GuardOutcome outcome = await guard.JudgeAsync(conversation, cancellationToken).ConfigureAwait(false);
        return texts.CanMask(MaskSpans.Of(outcome.Verdict)) ? outcome : outcome.WithoutMasks();
    }

    // The caller's message stays as it is.
    private static ChatMessage Masked(ChatMessage message, MessageTexts texts, MaskSpans masks)
    {
        ChatMessage copy = message.Clone();
        copy.Contents = texts.Copy(masks);
        copy.RawRepresentation = null;
        return copy;
    }
}
