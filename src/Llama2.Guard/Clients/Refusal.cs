using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>What the caller receives in place of what was withheld.</summary>
/// <param name="Stage"><c>input</c> or <c>output</c>.</param>
/// <param name="Outcome">Why.</param>
internal sealed record Refusal(string Stage, GuardOutcome Outcome)
{
    public const string Input = "input";
    public const string Output = "output";

    /// <summary>A last update. It is a new message, separate from the updates before it, so that the refusal is not joined to a text.</summary>
    /// <param name="options">The text of the refusal.</param>
    /// <param name="conversationId">The conversation as it was before the request: it does not contain the withheld text.</param>
    public ChatResponseUpdate ToUpdate(GuardOptions options, string? conversationId)
    {
        string id = $"guard-{Guid.NewGuid():N}";
        return new ChatResponseUpdate(ChatRole.Assistant, options.Refusal)
        {
            ResponseId = id,
            MessageId = id,
            ConversationId = conversationId,
            CreatedAt = options.TimeProvider.GetUtcNow(),
            FinishReason = ChatFinishReason.ContentFilter,
            AdditionalProperties = Properties(),
        };
    }

    public ChatResponse ToResponse(GuardOptions options, string? conversationId)
    {
        ChatResponse response = new[] { ToUpdate(options, conversationId) }.ToChatResponse();
        response.AdditionalProperties = Properties();
        return response;
    }

    private AdditionalPropertiesDictionary Properties()
    {
        var properties = new AdditionalPropertiesDictionary { [GuardProperties.Stage] = Stage };
        if (Outcome.Failure is { } failure)
            properties[GuardProperties.Failure] = failure;
        if (Outcome.Verdict is not { } verdict)
            return properties;
        if (verdict.Categories.Count > 0)
            properties[GuardProperties.Categories] = string.Join(",", verdict.Categories.Select(category => category.Code));
        string[] reasons = [.. verdict.Categories.Select(category => category.Name).Concat(verdict.Findings.Where(finding => finding.Action == GuardAction.Block).Select(finding => finding.Kind)).Distinct()];
        if (reasons.Length > 0)
            properties[GuardProperties.Reasons] = string.Join(", ", reasons);
        if (verdict.Probability is double probability)
            properties[GuardProperties.Probability] = probability;
        return properties;
    }
}
