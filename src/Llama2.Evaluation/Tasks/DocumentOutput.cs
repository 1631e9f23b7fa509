namespace Llama2.Evaluation.Tasks;

/// <summary>The kind of requests that a <see cref="DocumentTask"/> makes; lm-evaluation-harness' <c>output_type</c>.</summary>
internal enum DocumentOutput
{
    /// <summary>The log-likelihood of each choice.</summary>
    MultipleChoice,

    /// <summary>The log-likelihood of the target.</summary>
    LogLikelihood,

    /// <summary>The log-likelihood of a whole text.</summary>
    RollingLogLikelihood,

    /// <summary>A generated answer.</summary>
    Generation,
}
