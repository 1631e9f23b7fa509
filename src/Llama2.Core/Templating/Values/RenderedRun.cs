namespace Llama2;

/// <summary>A part of a rendered template with a single origin.</summary>
/// <param name="Start">The start of the part, in UTF-16 characters.</param>
/// <param name="Length">The length of the part, in UTF-16 characters; at least 1.</param>
/// <param name="IsData">Whether the part came from the conversation; otherwise the template wrote it.</param>
public readonly record struct RenderedRun(int Start, int Length, bool IsData);
