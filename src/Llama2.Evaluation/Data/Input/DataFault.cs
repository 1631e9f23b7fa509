using static System.FormattableString;

namespace Llama2.Evaluation.Data.Input;

/// <summary>Creates the exceptions for files that cannot be used; a message names the file, the place, the fault and the remedy.</summary>
internal static class DataFault
{
    private const int MaxQuotedLength = 60;

    /// <param name="path">The file.</param>
    /// <param name="fault">What is wrong and what to do, without a full stop.</param>
    /// <param name="cause">The exception that says so, or null.</param>
    public static EvaluationDataException InFile(string path, string fault, Exception? cause = null)
    {
        string message = $"The file '{path}' cannot be used: {fault}.";
        return cause is null ? new EvaluationDataException(message) : new EvaluationDataException(message, cause);
    }

    /// <param name="path">The file.</param>
    /// <param name="unit">What is counted: line, row or document.</param>
    /// <param name="number">The number of the line, row or document, from 1.</param>
    /// <param name="fault">What is wrong and what to do, without a full stop.</param>
    /// <param name="cause">The exception that says so, or null.</param>
    public static EvaluationDataException At(string path, string unit, long number, string fault, Exception? cause = null) =>
        InFile(path, Invariant($"in {unit} {number:N0}, {fault}"), cause);

    /// <summary>A value as it is quoted in a message: shortened, and without control characters.</summary>
    public static string Quote(ReadOnlySpan<char> value)
    {
        bool isShort = value.Length <= MaxQuotedLength;
        string text = new(isShort ? value : value[..MaxQuotedLength]);
        return $"'{string.Concat(text.Select(character => char.IsControl(character) || char.IsSurrogate(character) ? '?' : character))}{(isShort ? "" : "…")}'";
    }
}
