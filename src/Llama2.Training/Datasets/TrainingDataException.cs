using static System.FormattableString;

namespace Llama2.Training;

/// <summary>A data set cannot be used for training. The message states file, line, fault and remedy.</summary>
public sealed class TrainingDataException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lineNumber">The line, from 1; null if the fault concerns the whole file.</param>
    /// <param name="reason">The fault of the record.</param>
    public TrainingDataException(string path, long? lineNumber, string reason)
        : base(lineNumber is not null ? Invariant($"'{path}', line {lineNumber:N0}: {reason}.") : $"'{path}': {reason}.")
    {
        Path = path;
        LineNumber = lineNumber;
        Reason = reason;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The line, from 1; null if the fault concerns the whole file.</summary>
    public long? LineNumber { get; }

    /// <summary>The fault of the record.</summary>
    public string Reason { get; }
}
