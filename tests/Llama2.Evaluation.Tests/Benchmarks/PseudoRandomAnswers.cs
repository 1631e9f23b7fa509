using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>The pseudo-random answers of <c>tests/Reference/benchmarks.py</c>.</summary>
internal static class PseudoRandomAnswers
{
    /// <summary>Runs a task with log-likelihoods that are made from the positions of the requests.</summary>
    public static async Task<TaskReport> RunAsync(IEvaluationTask task)
    {
        IReadOnlyList<EvaluationResponse>[] responses = [.. Enumerable.Range(0, task.ExampleCount).Select(i => task.CreateExample(i).Requests
            .Select((_, j) => new EvaluationResponse { LogLikelihood = LogLikelihood(task.Info.Name, i, j) }).ToArray())];
        var backend = new RecordedBackend("pseudo-random", [new RecordedResponses(task, responses)]);
        return (await EvaluationRunner.RunAsync(backend, backend.Tasks)).Tasks[0];
    }

    private static double LogLikelihood(string task, int i, int j)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{task}|{i}|{j}")));
        return -30.0 * ((BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) / (double)(1L << 53));
    }
}
