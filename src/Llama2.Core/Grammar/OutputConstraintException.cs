namespace Llama2;

/// <summary>
/// A constraint on generated text cannot be used: its schema, pattern or grammar is malformed, matches no text, exceeds a limit, or demands something
/// that cannot be enforced. Also thrown if the allowed number of tokens is too small for any text that fits.
/// </summary>
public sealed class OutputConstraintException : LlamaException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">The whole message: what is wrong and where, with the value, the limit and the remedy.</param>
    /// <param name="path">The place in the schema; see <see cref="Path"/>.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public OutputConstraintException(string message, string? path = null, Exception? innerException = null)
        : base(message, innerException!) => Path = path;

    /// <summary>
    /// The place in the schema as a JSON pointer, such as <c>/properties/name/pattern</c>. Empty if the error is in the schema as a whole; null if
    /// the error is not in a schema.
    /// </summary>
    public string? Path { get; }
}
