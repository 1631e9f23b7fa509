using System.Diagnostics;
using System.Numerics.Tensors;
using LLama;
using LLama.Native;

namespace LlamaSharpSpeed;

/// <summary>Computes a prompt and generates greedily, and measures both.</summary>
internal sealed class GreedyRun(LLamaContext context, int vocabularySize)
{
    /// <summary>The number of tokens in a call; llama.cpp's own default for the tokens that it computes together.</summary>
    public const int BatchSize = 512;

    private readonly LLamaBatch _batch = new();
    private int _position;

    /// <summary>
    /// Prefill is the number of prompt tokens divided by the time to the first token; decode is the number of the other tokens divided by the time from
    /// the first token to the last. Both are in tokens per second.
    /// </summary>
    public (double Prefill, double Decode) Measure(int promptTokenCount, int generatedTokenCount)
    {
        context.NativeHandle.MemoryClear();
        _position = 0;
        long begin = Stopwatch.GetTimestamp();
        LLamaToken token = default;
        foreach (int[] part in Prompt(promptTokenCount).Chunk(BatchSize))
        {
            token = Next(part);
        }

        long first = Stopwatch.GetTimestamp();
        for (int i = 1; i < generatedTokenCount; i++)
        {
            token = Next([(int)token]);
        }

        return (promptTokenCount / Stopwatch.GetElapsedTime(begin, first).TotalSeconds, (generatedTokenCount - 1) / Stopwatch.GetElapsedTime(first).TotalSeconds);
    }

    private IEnumerable<int> Prompt(int count) => Enumerable.Range(0, count).Select(i => 259 + (int)(i * 7919L % (vocabularySize - 1000)));

    // Computes the tokens, and returns the likeliest token after them.
    private LLamaToken Next(ReadOnlySpan<int> tokens)
    {
        _batch.Clear();
        int last = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            last = _batch.Add(tokens[i], _position++, LLamaSeqId.Zero, logits: i == tokens.Length - 1);
        }

        DecodeResult result = context.Decode(_batch);
        if (result != DecodeResult.Ok)
        {
            throw new InvalidOperationException($"llama_decode of {tokens.Length} tokens returned {result}.");
        }

        return TensorPrimitives.IndexOfMax(context.NativeHandle.GetLogitsIth(last));
    }
}
