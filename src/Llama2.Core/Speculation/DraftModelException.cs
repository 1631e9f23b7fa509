namespace Llama2;

/// <summary>The model that <see cref="LlamaModelOptions.DraftModel"/> names cannot guess for a model, because it has another vocabulary.</summary>
public sealed class DraftModelException : LlamaException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The whole message: the difference, and the remedy.</param>
    /// <param name="path">The path of the draft model.</param>
    public DraftModelException(string message, string path)
        : base(message)
        => Path = path;

    /// <summary>The path of the draft model.</summary>
    public string Path { get; }
}
