namespace WebApi;

/// <summary>The data of one server-sent event.</summary>
/// <param name="Text">What the answer goes on with.</param>
/// <param name="FinishReason">Why the answer ended, in the last event; else null.</param>
/// <param name="Error">The error that ended it early; null if there was none.</param>
public sealed record AnswerPart(string Text, string? FinishReason, string? Error = null);
