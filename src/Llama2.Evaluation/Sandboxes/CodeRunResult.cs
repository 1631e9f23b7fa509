namespace Llama2.Evaluation;

/// <summary>The outcome of a program. Immutable.</summary>
/// <param name="Outcome">The kind of result.</param>
/// <param name="Error">Why the program has not passed: the exception's type and text, or the limit that was exceeded. Null if it has passed.</param>
/// <param name="ExitCode">
/// The exit code of the program's first process, 0 to 255; null if a signal ended it or if it was ended because its checks were done or a limit was exceeded.
/// An exit code of 129 to 192 cannot be distinguished from the signal with that number less 128, and counts as the signal.
/// </param>
/// <param name="Signal">The number of the signal that ended the program's first process; null if none did, or if the sandbox sent it.</param>
/// <param name="Output">
/// What the program wrote to its standard output and error, in this order of time, at most <see cref="CodeRunLimits.OutputByteSize"/> bytes. Bytes that
/// are not UTF-8 are replaced by U+FFFD. The text is the program's: it may contain control characters.
/// </param>
/// <param name="Duration">The time from the program's start to its end, without the time that the sandbox needed to start.</param>
public sealed record CodeRunResult(CodeRunOutcome Outcome, string? Error, int? ExitCode, int? Signal, string Output, TimeSpan Duration)
{
    /// <summary>Whether the outcome is <see cref="CodeRunOutcome.Passed"/>.</summary>
    public bool IsPassed => Outcome == CodeRunOutcome.Passed;
}
