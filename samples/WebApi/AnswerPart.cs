namespace WebApi;

/// <summary>The data of one server-sent event.</summary>
/// <param name="Text">The next part of the answer's text.</param>
/// <param name="FinishReason">The reason why the answer ended, in the last event; null in others.</param>
/// <param name="Error">The error that ended the answer early; null if there was none.</param>
public sealed record AnswerPart(string Text, string? FinishReason, string? Error = null);
