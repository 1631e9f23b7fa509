using System.Buffers.Binary;
using System.Security.Cryptography;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Backends.LlamaCpp;

/// <summary>What a model makes of 200 questions of MMLU, 4 of each of the first 50 subjects, without solved examples: 4 sequences and responses for each.</summary>
internal sealed record ScoredQuestions(IReadOnlyList<ScoredSequence> Sequences, IReadOnlyList<EvaluationResponse> Responses)
{
    public const int Count = 200;
    public const int ChoiceCount = 4;

    private const int SubjectCount = 50;

    /// <summary>A digest of all tokens and of where the scored ones start.</summary>
    public string Digest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] bytes = new byte[sizeof(int)];
            foreach (int number in Sequences.SelectMany(sequence => sequence.Tokens.Prepend(sequence.Start).Prepend(sequence.Tokens.Length)))
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
                hash.AppendData(bytes);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Runs one form of MMLU, <c>mmlu</c> or <c>mmlu_continuation</c>.</summary>
    public static async Task<ScoredQuestions> ComputeAsync(ILlamaModel model, ComputationOptions computation, string form)
    {
        var recording = new RecordingModel(model);
        EvaluationTaskSet set = BuiltInTasks.Create(form, DataFolder.Open(SharedDataFactAttribute.PathOf("")), new BuiltInTaskOptions { FewShotCount = 0 });
        // One example after the other, so that the order of the calls is that of the responses.
        EvaluationReport report = await EvaluationRunner.RunAsync(
            new ModelBackend(recording, new ModelBackendOptions { Computation = computation }), [.. set.Tasks.Take(SubjectCount)], new EvaluationRunOptions { MaxExampleCount = Count / SubjectCount, ConcurrentExampleCount = 1 });
        return new ScoredQuestions([.. recording.Sequences], [.. report.Tasks.SelectMany(task => task.Examples).SelectMany(example => example.Responses)]);
    }
}
