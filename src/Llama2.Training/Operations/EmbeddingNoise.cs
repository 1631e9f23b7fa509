using Llama2.Sampling;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>
/// Adds noise to the embeddings of samples (NEFTune, Jain et al. 2023, arXiv 2310.05914, algorithm 1): evenly distributed numbers up to α / √(L · d), where
/// L is the number of the sample's tokens and d the length of an embedding. The noise depends only on a seed and the token's row, so it is the same for
/// any number of threads. Its gradient equals the gradient of the embeddings.
/// </summary>
internal static class EmbeddingNoise
{
    public static void Add(WorkerPool pool, Segment[] segments, int segmentCount, double alpha, ulong seed, Matrix embeddings, int tokenCount)
        => pool.Run(new AddToTokens(segments, segmentCount, alpha, seed, embeddings), tokenCount);

    private readonly record struct AddToTokens(Segment[] Segments, int SegmentCount, double Alpha, ulong Seed, Matrix Embeddings) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            foreach (Segment segment in Segments.AsSpan(0, SegmentCount))
            {
                float bound = (float)(Alpha / Math.Sqrt((double)segment.Count * Embeddings.ColumnCount));
                int last = Math.Min(end, segment.Start + segment.Count);
                for (int token = Math.Max(start, segment.Start); token < last; token++)
                {
                    AddTo(Embeddings[token], new RandomSource(Seed + (ulong)token), bound);
                }
            }
        }

        // A draw of 64 bits gives two signed numbers of 32 bits.
        private static void AddTo(Span<float> embedding, RandomSource random, float bound)
        {
            ulong bits = 0;
            for (int i = 0; i < embedding.Length; i++)
            {
                bits = i % 2 == 0 ? random.NextUInt64() : bits >> 32;
                embedding[i] += (int)(uint)bits * (1 / 2147483648f) * bound;
            }
        }
    }
}
