using System.Collections.Concurrent;

namespace Llama2.Evaluation.Tests.Backends.LlamaCpp;

/// <summary>Passes each call to a model, and records the tokens that are scored.</summary>
internal sealed class RecordingModel(ILlamaModel inner) : ILlamaModel
{
    /// <summary>The sequences in the order of the calls.</summary>
    public ConcurrentQueue<ScoredSequence> Sequences { get; } = [];

    public ModelConfiguration Configuration => inner.Configuration;

    public ModelTokenizer Tokenizer => inner.Tokenizer;

    public int ContextLength => inner.ContextLength;

    public IAsyncEnumerable<GenerationUpdate> GenerateAsync(ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default)
        => inner.GenerateAsync(promptTokens, options, cancellationToken);

    public Task<ScoredToken[]> ComputeTopLogProbabilitiesAsync(
        ReadOnlyMemory<int> tokens, int topCount, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default)
    {
        Sequences.Enqueue(new ScoredSequence(tokens.ToArray(), start));
        return inner.ComputeTopLogProbabilitiesAsync(tokens, topCount, start, options, cancellationToken);
    }

    public void Dispose() => inner.Dispose();
}
