using static System.FormattableString;

namespace Llama2.Training;

/// <summary>A data set cannot be learned from. The message names file, line, what is wrong and what to do.</summary>
public sealed class TrainingDataException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lineNumber">The line, from 1; 0 where the fault is the whole file's.</param>
    /// <param name="reason">What is wrong there.</param>
    public TrainingDataException(string path, long lineNumber, string reason)
        : base(lineNumber > 0 ? Invariant($"'{path}', line {lineNumber:N0}: {reason}.") : $"'{path}': {reason}.")
    {
        Path = path;
        LineNumber = lineNumber;
        Reason = reason;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The line, from 1; 0 where the fault is the whole file's.</summary>
    public long LineNumber { get; }

    /// <summary>What is wrong there.</summary>
    public string Reason { get; }
}
