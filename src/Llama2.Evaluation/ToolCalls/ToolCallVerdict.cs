namespace Llama2.Evaluation;

/// <summary>Whether calls are the expected ones. Immutable.</summary>
/// <param name="Fault">The rule that is broken; <see cref="ToolCallFault.None"/> if the calls are as expected.</param>
/// <param name="Message">What is wrong, in one line; null if nothing is.</param>
public sealed record ToolCallVerdict(ToolCallFault Fault, string? Message = null)
{
    internal static ToolCallVerdict Correct { get; } = new(ToolCallFault.None);

    /// <summary>Whether the calls are as expected.</summary>
    public bool IsCorrect => Fault == ToolCallFault.None;
}
