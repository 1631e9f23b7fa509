using Microsoft.Extensions.AI;

namespace Llama2.Guard.Clients;

/// <summary>Copies of a model's contents, updates and messages that contain only what a guard has judged.</summary>
internal static class CleanContents
{
    /// <summary>A copy of a content.</summary>
    /// <param name="content">The content.</param>
    /// <param name="text">The text to show, if the content is a text or a reasoning.</param>
    public static AIContent Copy(AIContent content, string? text) => content switch
    {
        TextContent => new TextContent(text),
        TextReasoningContent => new TextReasoningContent(text),
        UsageContent usage => new UsageContent(Copy(usage.Details)),
        ErrorContent error => new ErrorContent(error.Message) { ErrorCode = error.ErrorCode, Details = error.Details },
        FunctionCallContent call => new FunctionCallContent(call.CallId, call.Name, call.Arguments) { InformationalOnly = call.InformationalOnly },
        FunctionResultContent result => new FunctionResultContent(result.CallId, result.Result),
        // A content that cannot be judged is passed only if failures are.
        _ => content,
    };

    /// <summary>The counts without the names of additional ones, which are texts of the model's service.</summary>
    public static UsageDetails Copy(UsageDetails usage) => new()
    {
        InputTokenCount = usage.InputTokenCount,
        OutputTokenCount = usage.OutputTokenCount,
        TotalTokenCount = usage.TotalTokenCount,
        CachedInputTokenCount = usage.CachedInputTokenCount,
        ReasoningTokenCount = usage.ReasoningTokenCount,
    };

    public static ChatResponseUpdate Copy(ChatResponseUpdate update, IList<AIContent> contents) => new(update.Role, contents)
    {
        AuthorName = update.AuthorName,
        MessageId = update.MessageId,
        ResponseId = update.ResponseId,
        ConversationId = update.ConversationId,
        ModelId = update.ModelId,
        CreatedAt = update.CreatedAt,
        FinishReason = update.FinishReason,
        ContinuationToken = update.ContinuationToken,
    };

    public static ChatMessage Copy(ChatMessage message, IList<AIContent> contents) => new(message.Role, contents)
    {
        AuthorName = message.AuthorName,
        MessageId = message.MessageId,
        CreatedAt = message.CreatedAt,
    };

    public static ChatResponse Copy(ChatResponse response, IList<ChatMessage> messages) => new(messages)
    {
        ResponseId = response.ResponseId,
        ConversationId = response.ConversationId,
        ModelId = response.ModelId,
        CreatedAt = response.CreatedAt,
        FinishReason = response.FinishReason,
        ContinuationToken = response.ContinuationToken,
        Usage = response.Usage is { } usage ? Copy(usage) : null,
    };
}
