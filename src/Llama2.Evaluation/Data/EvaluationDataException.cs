namespace Llama2.Evaluation;

/// <summary>
/// Evaluation data is missing, malformed or larger than allowed, or needs a feature that is not supported. The message names the file, the row and the
/// field, or the example and the member.
/// </summary>
public sealed class EvaluationDataException : LlamaException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="message">The whole message.</param>
    public EvaluationDataException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with its cause.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="innerException">The cause.</param>
    public EvaluationDataException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether a data set is not in the folder at all.</summary>
    internal bool IsMissingData { get; init; }
}
