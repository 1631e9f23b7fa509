namespace Llama2.Evaluation;

/// <summary>
/// A test of a model: examples, the requests that each makes of the model, and the score of the responses. Implementations are thread-safe: a runner
/// scores several examples at the same time. The same task always makes the same requests.
/// </summary>
/// <remarks>Task files of lm-evaluation-harness and the built-in tasks are implementations; an application adds its own with one class.</remarks>
public interface IEvaluationTask
{
    /// <summary>What the task is.</summary>
    EvaluationTaskInfo Info { get; }

    /// <summary>The figures that the task measures, in the order in which reports show them.</summary>
    IReadOnlyList<TaskMetric> Metrics { get; }

    /// <summary>The number of examples.</summary>
    int ExampleCount { get; }

    /// <summary>Creates an example with its requests.</summary>
    /// <param name="index">The index of the example, 0 to <see cref="ExampleCount"/> - 1.</param>
    /// <exception cref="EvaluationDataException">The record of the data set is malformed.</exception>
    EvaluationExample CreateExample(int index);

    /// <summary>Scores the responses to an example's requests.</summary>
    /// <param name="example">The example, as <see cref="CreateExample"/> returned it.</param>
    /// <param name="responses">The responses, in the order of the requests.</param>
    /// <param name="cancellationToken">Ends the scoring.</param>
    /// <exception cref="EvaluationDataException">The record of the data set is malformed.</exception>
    ValueTask<EvaluationScore> ScoreAsync(EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default);
}
