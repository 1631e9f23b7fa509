namespace Llama2.Evaluation;

/// <summary>An example of an evaluation set is malformed, or needs a feature that is not supported. The message names the example and the member.</summary>
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
}
