using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>The pseudo-random answers of <c>tests/Reference/benchmarks.py</c>.</summary>
internal static class PseudoRandomAnswers
{
    /// <summary>Runs a task with log-likelihoods that are made from the positions of the requests.</summary>
    public static Task<TaskReport> RunAsync(IEvaluationTask task) => RunAsync(task, []);

    /// <summary>Runs a task with generated answers, one for each example, and log-likelihoods as in the other method, divided by 10.</summary>
    public static async Task<TaskReport> RunAsync(IEvaluationTask task, IReadOnlyList<string> answers)
    {
        IReadOnlyList<EvaluationResponse>[] responses = [.. Enumerable.Range(0, task.ExampleCount).Select(i => task.CreateExample(i).Requests
            .Select((request, j) => request is GenerationRequest
                ? new EvaluationResponse { Text = answers[i] }
                : new EvaluationResponse { LogLikelihood = LogLikelihood(task.Info.Name, i, j) / (answers.Count > 0 ? 10 : 1) }).ToArray())];
        var backend = new RecordedBackend("pseudo-random", [new RecordedResponses(task, responses)]);
        return (await EvaluationRunner.RunAsync(backend, backend.Tasks)).Tasks[0];
    }

    private static double LogLikelihood(string task, int i, int j)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{task}|{i}|{j}")));
        return -30.0 * ((BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) / (double)(1L << 53));
    }
}
