using static System.FormattableString;

namespace Llama2.Training;

/// <summary>A data set cannot be used for training. The message states the file, the line, what is wrong and what to do.</summary>
public sealed class TrainingDataException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lineNumber">The line, from 1; null if the whole file cannot be used.</param>
    /// <param name="reason">What is wrong, and what to do.</param>
    public TrainingDataException(string path, long? lineNumber, string reason)
        : this(path, lineNumber, reason, "line")
    {
    }

    internal TrainingDataException(string path, long? lineNumber, string reason, string unit)
        : base(lineNumber is not null ? Invariant($"'{path}', {unit} {lineNumber:N0}: {reason}.") : $"'{path}': {reason}.")
    {
        Path = path;
        LineNumber = lineNumber;
        Reason = reason;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The line, or the row of a Parquet table, from 1; null if the whole file cannot be used.</summary>
    public long? LineNumber { get; }

    /// <summary>What is wrong, and what to do.</summary>
    public string Reason { get; }
}
