namespace Llama2;

/// <summary>
/// A schema, pattern or grammar that generated text is to follow has a fault, cannot be matched by any text, exceeds a limit, or demands what cannot be
/// enforced.
/// </summary>
public sealed class OutputConstraintException : LlamaException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">The whole message: what is wrong, where, the value, the limit and the remedy.</param>
    /// <param name="path">The place in the schema; see <see cref="Path"/>.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public OutputConstraintException(string message, string? path = null, Exception? innerException = null)
        : base(message, innerException!) => Path = path;

    /// <summary>The place in the schema as a JSON pointer, such as <c>/properties/name/pattern</c>, empty for the schema itself; null if it is not about a schema.</summary>
    public string? Path { get; }
}
