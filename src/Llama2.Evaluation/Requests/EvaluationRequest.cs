namespace Llama2.Evaluation;

/// <summary>What an evaluation asks a model. Immutable and thread-safe; compared by value.</summary>
public abstract record EvaluationRequest
{
    private protected EvaluationRequest()
    {
    }
}
