using System.Runtime.CompilerServices;
using static System.FormattableString;

namespace Llama2.Evaluation.Running;

/// <summary>A task whose requests are tied to recorded responses.</summary>
/// <param name="recorded">The task and the responses.</param>
/// <param name="responses">Receives each request with its response; requests are distinguished by reference.</param>
internal sealed class RecordedTask(RecordedResponses recorded, ConditionalWeakTable<EvaluationRequest, EvaluationResponse> responses) : IEvaluationTask
{
    public EvaluationTaskInfo Info => recorded.Task.Info;

    public IReadOnlyList<TaskMetric> Metrics => recorded.Task.Metrics;

    public int ExampleCount => recorded.Task.ExampleCount;

    public EvaluationExample CreateExample(int index)
    {
        EvaluationExample example = recorded.Task.CreateExample(index);
        IReadOnlyList<EvaluationResponse> answers = recorded.Responses[index];
        if (example.Requests.Count != answers.Count)
        {
            throw new EvaluationDataException(Invariant(
                $"The example {index:N0} of the task '{Info.Name}' makes {example.Requests.Count:N0} requests, but {answers.Count:N0} responses are recorded. The recording was made with another data set."));
        }

        // Copies, because a task may use one request several times.
        EvaluationRequest[] requests = [.. example.Requests.Select(request => request with { })];
        for (int i = 0; i < requests.Length; i++)
            responses.Add(requests[i], answers[i]);
        return example with { Requests = requests };
    }

    public ValueTask<EvaluationScore> ScoreAsync(EvaluationExample example, IReadOnlyList<EvaluationResponse> responses, CancellationToken cancellationToken = default)
        => recorded.Task.ScoreAsync(example, responses, cancellationToken);
}
