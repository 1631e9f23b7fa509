namespace Llama2.Training;

/// <summary>
/// A checkpoint is damaged, or belongs to another model, another data set or other options. The message states the file and what to do.
/// </summary>
public sealed class CheckpointException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">What is wrong with the file, and what to do.</param>
    public CheckpointException(string path, string reason)
        : base($"The checkpoint '{path}' {reason}.") => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }
}
