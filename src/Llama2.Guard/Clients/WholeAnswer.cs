using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>Judges an answer that is complete.</summary>
/// <param name="guard">The guard.</param>
/// <param name="input">The judged request.</param>
/// <param name="options">What to judge, and how failures are handled.</param>
internal sealed class WholeAnswer(TimedGuard guard, JudgedInput input, GuardOptions options)
{
    private readonly List<(ChatMessage Message, MessageTexts Texts, MaskSpans Masks)> _messages = [];
    private string? _failedOpen = input.FailedOpen;

    /// <summary>Judges each message of a response, the names of the authors, and the texts of all messages one after the other.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="conversationId">The conversation of the request.</param>
    /// <param name="cancellationToken">Ends the judging.</param>
    public async Task<ChatResponse> JudgeAsync(ChatResponse response, string? conversationId, CancellationToken cancellationToken)
    {
        if (!options.JudgeOutput)
        {
            if (_failedOpen is not null)
                (response.AdditionalProperties ??= [])[GuardProperties.FailedOpen] = _failedOpen;
            return response;
        }

        GuardOutcome? withheld = await JudgeMessagesAsync(response, cancellationToken).ConfigureAwait(false)
            ?? await JudgeNamesAsync(response, cancellationToken).ConfigureAwait(false)
            ?? await JudgeJoinedAsync(isReasoning: false, cancellationToken).ConfigureAwait(false)
            ?? await JudgeJoinedAsync(isReasoning: true, cancellationToken).ConfigureAwait(false);
        return withheld is null ? Shown(response) : new Refusal(Refusal.Output, withheld).ToResponse(options, conversationId);
    }

    private async Task<GuardOutcome?> JudgeMessagesAsync(ChatResponse response, CancellationToken cancellationToken)
    {
        List<LlamaMessage> conversation = [.. input.Conversation];
        foreach (ChatMessage message in response.Messages)
        {
            var texts = MessageTexts.Of(message);
            conversation.Add(texts.Message);
            MaskSpans masks = MaskSpans.None;
            if (!texts.IsJudgeable || texts.Message.Content.Length > 0)
            {
                GuardOutcome outcome = await InputJudge.JudgeOneAsync(guard, texts, conversation, cancellationToken).ConfigureAwait(false);
                if (!outcome.IsPassed)
                    return outcome;
                _failedOpen ??= outcome.FailedOpen;
                masks = MaskSpans.Of(outcome.Verdict);
            }

            _messages.Add((message, texts, masks));
        }

        return null;
    }

    private async Task<GuardOutcome?> JudgeNamesAsync(ChatResponse response, CancellationToken cancellationToken)
    {
        foreach (string name in response.Messages.Select(message => message.AuthorName).OfType<string>().Where(name => name.Length > 0).Distinct())
        {
            GuardOutcome outcome = await guard.JudgeAsync([.. input.Conversation, LlamaMessage.Assistant(name)], cancellationToken).ConfigureAwait(false);
            outcome = outcome.WithoutMasks();
            if (!outcome.IsPassed)
                return outcome;
            _failedOpen ??= outcome.FailedOpen;
        }

        return null;
    }

    // A reader sees the texts of several messages, and those before and after a call of a function, one after the other.
    private async Task<GuardOutcome?> JudgeJoinedAsync(bool isReasoning, CancellationToken cancellationToken)
    {
        (int Message, int Start, int End)[] parts = [.. _messages.SelectMany((message, i) => message.Texts.RangesOf(isReasoning).Select(range => (i, range.Start, range.End)))];
        bool isOneText = parts.Zip(parts.Skip(1)).All(pair => pair.First.Message == pair.Second.Message && pair.First.End == pair.Second.Start);
        if (isOneText)
            return null;
        string joined = string.Concat(parts.Select(part => _messages[part.Message].Texts.Message.Content[part.Start..part.End]));
        GuardOutcome outcome = await guard.JudgeAsync([.. input.Conversation, LlamaMessage.Assistant(joined)], cancellationToken).ConfigureAwait(false);
        if (!outcome.IsPassed)
            return outcome;
        _failedOpen ??= outcome.FailedOpen;
        MaskSpans masks = MaskSpans.Of(outcome.Verdict);
        int place = 0;
        foreach ((int i, int start, int end) in parts)
        {
            (ChatMessage message, MessageTexts texts, MaskSpans own) = _messages[i];
            _messages[i] = (message, texts, own.Union(masks.Within(place, place + end - start), start - place));
            place += end - start;
        }

        return null;
    }

    private ChatResponse Shown(ChatResponse response)
    {
        ChatResponse copy = CleanContents.Copy(
            response, [.. _messages.Select(entry => options.PassRawRepresentation && entry.Masks.IsEmpty ? entry.Message : CleanContents.Copy(entry.Message, entry.Texts.Copy(entry.Masks)))]);
        if (options.PassRawRepresentation && _messages.TrueForAll(entry => entry.Masks.IsEmpty))
        {
            copy.RawRepresentation = response.RawRepresentation;
            copy.AdditionalProperties = response.AdditionalProperties?.Clone();
        }

        if (_failedOpen is not null)
            (copy.AdditionalProperties ??= [])[GuardProperties.FailedOpen] = _failedOpen;
        return copy;
    }
}
