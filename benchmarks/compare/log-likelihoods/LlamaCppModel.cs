using LLama;
using LLama.Common;
using LLama.Native;

namespace LogLikelihoods;

/// <summary>A model in llama.cpp, of which the last request's tokens remain in the cache of keys and values.</summary>
internal sealed class LlamaCppModel : IDisposable
{
    private readonly LLamaWeights _weights;
    private readonly LLamaContext _context;
    private readonly Dictionary<int, float[]> _logits = [];
    private int[] _tokens = [];

    /// <param name="path">The model's file.</param>
    /// <param name="adapterPath">The adapter's file; null for none.</param>
    /// <param name="cacheType">The type of keys and values.</param>
    /// <param name="contextLength">The maximum number of tokens.</param>
    public LlamaCppModel(string path, string? adapterPath, GGMLType cacheType, uint contextLength)
    {
        // Without flash attention, which adds in half precision on processors.
        var parameters = new ModelParams(path)
        {
            ContextSize = contextLength,
            BatchSize = contextLength,
            UBatchSize = 512,
            GpuLayerCount = 0,
            Threads = Environment.ProcessorCount,
            BatchThreads = Environment.ProcessorCount,
            FlashAttention = false,
            TypeK = cacheType,
            TypeV = cacheType,
        };
        _weights = LLamaWeights.LoadFromFile(parameters);
        _context = _weights.CreateContext(parameters);
        if (adapterPath is not null)
            _context.NativeHandle.SetLoraAdapters([(_weights.NativeHandle.LoadLoraFromFile(adapterPath), 1)]);
    }

    /// <summary>The log-likelihood of the tokens from an index on, and whether each is the likeliest.</summary>
    public (double LogLikelihood, bool IsGreedy) Score(int[] tokens, int start)
    {
        Compute(tokens[..^1], start - 1);
        double sum = 0;
        bool isGreedy = true;
        for (int i = start; i < tokens.Length; i++)
        {
            float[] logits = _logits[i - 1];
            double largest = logits.Max();
            sum += logits[tokens[i]] - largest - Math.Log(logits.Sum(logit => Math.Exp(logit - largest)));
            isGreedy &= logits[tokens[i]] == largest;
        }

        return (sum, isGreedy);
    }

    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }

    // Tokens that are the same as in the request before are not computed again, unless their logits are needed and not there.
    private void Compute(int[] tokens, int firstWanted)
    {
        int same = _tokens.AsSpan().CommonPrefixLength(tokens);
        for (int i = firstWanted; i < same; i++)
        {
            if (!_logits.ContainsKey(i))
                same = i;
        }

        foreach (int position in _logits.Keys.Where(position => position >= same).ToArray())
            _logits.Remove(position);
        _tokens = tokens;
        if (same == tokens.Length)
            return;
        _context.NativeHandle.MemorySequenceRemove(LLamaSeqId.Zero, same, -1);
        var batch = new LLamaBatch();
        for (int i = same; i < tokens.Length; i++)
            batch.Add(tokens[i], i, LLamaSeqId.Zero, logits: i >= firstWanted);
        DecodeResult result = _context.NativeHandle.Decode(batch);
        if (result != DecodeResult.Ok)
            throw new InvalidOperationException($"llama.cpp cannot compute {tokens.Length} tokens: {result}.");
        for (int i = Math.Max(same, firstWanted); i < tokens.Length; i++)
            _logits[i] = _context.NativeHandle.GetLogitsIth(i - same).ToArray();
    }
}
