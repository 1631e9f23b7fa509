using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>Judges an answer that is complete.</summary>
internal static class WholeAnswer
{
    /// <summary>Judges each message of a response, and the texts of all of them together.</summary>
    public static async Task<ChatResponse> JudgeAsync(
        TimedGuard guard, JudgedInput input, ChatResponse response, GuardOptions options, string? conversationId, CancellationToken cancellationToken)
    {
        string? failedOpen = input.FailedOpen;
        if (!options.JudgeOutput)
        {
            if (failedOpen is not null)
                (response.AdditionalProperties ??= [])[GuardProperties.FailedOpen] = failedOpen;
            return response;
        }

        List<LlamaMessage> conversation = [.. input.Conversation];
        List<ChatMessage> shown = [];
        bool isMasked = false;
        foreach (ChatMessage message in response.Messages)
        {
            var texts = MessageTexts.Of(message);
            conversation.Add(texts.Message);
            MaskSpans masks = MaskSpans.None;
            if (!texts.IsJudgeable || texts.Message.Content.Length > 0)
            {
                GuardOutcome outcome = await InputJudge.JudgeOneAsync(guard, texts, conversation, cancellationToken).ConfigureAwait(false);
                if (!outcome.IsPassed)
                    return new Refusal(Refusal.Output, outcome).ToResponse(options, conversationId);
                failedOpen ??= outcome.FailedOpen;
                masks = MaskSpans.Of(outcome.Verdict);
            }

            isMasked |= !masks.IsEmpty;
            shown.Add(options.PassRawRepresentation && masks.IsEmpty ? message : CleanContents.Copy(message, texts.Copy(masks)));
        }

        string joined = string.Concat(response.Messages.Select(message => message.Text));
        if (response.Messages.Count > 1 && joined.Length > 0)
        {
            GuardOutcome outcome = await guard.JudgeAsync([.. input.Conversation, LlamaMessage.Assistant(joined)], isPartial: false, cancellationToken).ConfigureAwait(false);
            if (!outcome.IsPassed)
                return new Refusal(Refusal.Output, outcome).ToResponse(options, conversationId);
            failedOpen ??= outcome.FailedOpen;
        }

        ChatResponse copy = CleanContents.Copy(response, shown);
        if (options.PassRawRepresentation && !isMasked)
        {
            copy.RawRepresentation = response.RawRepresentation;
            copy.AdditionalProperties = response.AdditionalProperties?.Clone();
        }

        if (failedOpen is not null)
            (copy.AdditionalProperties ??= [])[GuardProperties.FailedOpen] = failedOpen;
        return copy;
    }
}
