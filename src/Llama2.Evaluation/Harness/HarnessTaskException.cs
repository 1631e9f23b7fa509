namespace Llama2.Evaluation;

/// <summary>
/// A task file of lm-evaluation-harness cannot be used: it is malformed or exceeds a limit, or needs a feature that is not supported, such as a
/// Python function. The message names the file, the line, the key and the remedy.
/// </summary>
public sealed class HarnessTaskException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="filePath">The task file.</param>
    /// <param name="key">The key that has the fault; null if it is the whole file.</param>
    /// <param name="message">The whole message.</param>
    public HarnessTaskException(string filePath, string? key, string message)
        : base(message)
        => (FilePath, Key) = (filePath, key);

    /// <summary>Creates the exception with its cause.</summary>
    /// <param name="filePath">The task file.</param>
    /// <param name="key">The key that has the fault; null if it is the whole file.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="innerException">The cause.</param>
    public HarnessTaskException(string filePath, string? key, string message, Exception innerException)
        : base(message, innerException)
        => (FilePath, Key) = (filePath, key);

    /// <summary>The task file.</summary>
    public string FilePath { get; }

    /// <summary>The key that has the fault, such as <c>doc_to_text</c>; null if it is the whole file.</summary>
    public string? Key { get; }

    /// <summary>The Python function or class that the file needs, such as <c>utils.process_docs</c>; null if the fault has another cause.</summary>
    public string? FunctionName { get; init; }

    /// <summary>The built-in task that measures the same without Python, for <see cref="BuiltInTasks.Create(string, DataFolder, BuiltInTaskOptions?)"/>; null if there is none.</summary>
    public string? BuiltInTask { get; init; }
}
