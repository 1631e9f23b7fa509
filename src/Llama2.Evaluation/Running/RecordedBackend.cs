using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Llama2.Evaluation.Running;
using static System.FormattableString;

namespace Llama2.Evaluation;

/// <summary>
/// Answers with recorded responses in place of a model: checks scoring, or scores what another program has computed. Responses belong to the position
/// of a request, not to its text, because data sets contain the same question twice, and other programs may have answered it differently. So this
/// backend answers only the requests of its own <see cref="Tasks"/>, and must not be used with a journal. Immutable and thread-safe.
/// </summary>
/// <example><code>
/// var backend = new RecordedBackend("recorded", [new RecordedResponses(task, responses)]);
/// EvaluationReport report = await EvaluationRunner.RunAsync(backend, backend.Tasks);
/// </code></example>
public sealed class RecordedBackend : IEvaluationBackend
{
    private readonly ConditionalWeakTable<EvaluationRequest, EvaluationResponse> _responses = [];

    /// <summary>Creates a backend.</summary>
    /// <param name="name">The name of the model that gave the responses, for reports.</param>
    /// <param name="recordings">One or more tasks with their responses.</param>
    /// <exception cref="EvaluationDataException">A recording and its task have different numbers of examples.</exception>
    public RecordedBackend(string name, IReadOnlyList<RecordedResponses> recordings)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(recordings);
        foreach (RecordedResponses recording in recordings)
        {
            if (recording.Responses.Count != recording.Task.ExampleCount)
            {
                throw new EvaluationDataException(Invariant(
                    $"Responses to {recording.Responses.Count:N0} examples of the task '{recording.Task.Info.Name}' are recorded, but it has {recording.Task.ExampleCount:N0}. The recording was made with another data set."));
            }
        }

        Name = name;
        Fingerprint = FingerprintOf(recordings);
        Tasks = [.. recordings.Select(recording => new RecordedTask(recording, _responses))];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <summary>The tasks to run: the tasks of the recordings, in their order.</summary>
    public IReadOnlyList<IEvaluationTask> Tasks { get; }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The request is not one of <see cref="Tasks"/>.</exception>
    public Task<EvaluationResponse> AnswerAsync(EvaluationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        return _responses.TryGetValue(request, out EvaluationResponse? response)
            ? Task.FromResult(response)
            : throw new NotSupportedException($"The backend '{Name}' has recorded responses only to the requests of its own tasks: run {nameof(RecordedBackend)}.{nameof(Tasks)}.");
    }

    private static string FingerprintOf(IReadOnlyList<RecordedResponses> recordings)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(double)];
        foreach (RecordedResponses recording in recordings)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(recording.Task.Info.Name + "\n"));
            foreach (EvaluationResponse response in recording.Responses.SelectMany(responses => responses))
            {
                BinaryPrimitives.WriteDoubleLittleEndian(number, response.LogLikelihood);
                hash.AppendData(number);
                hash.AppendData([response.IsGreedy ? (byte)1 : (byte)0]);
                hash.AppendData(Encoding.UTF8.GetBytes((response.Text ?? "") + "\n"));
            }
        }

        return $"recorded {Convert.ToHexStringLower(hash.GetHashAndReset()[..16])}";
    }
}
