using Llama2.Training.Operations;

namespace Llama2.Training.Model;

/// <summary>Samples that are packed into one pass. Each token has its position in its sample, the next token, and the next token's weight in the loss.</summary>
internal sealed class TokenBatch(int capacity)
{
    /// <summary>The maximum number of tokens.</summary>
    public int Capacity => capacity;

    /// <summary>The number of tokens.</summary>
    public int Count { get; private set; }

    public int[] Tokens { get; } = new int[capacity];

    public int[] Positions { get; } = new int[capacity];

    public Segment[] Segments { get; } = new Segment[capacity];

    public int SegmentCount { get; private set; }

    /// <summary>The rows whose next token counts in the loss, ascending.</summary>
    public int[] TargetRows { get; } = new int[capacity];

    /// <summary>The number of tokens that count in the loss.</summary>
    public int TargetCount { get; private set; }

    /// <summary>The next token of each target row.</summary>
    public int[] Targets { get; } = new int[capacity];

    /// <summary>The weight of each target in the loss.</summary>
    public float[] Weights { get; } = new float[capacity];

    /// <summary>The index of the first target of each segment, followed by the number of targets.</summary>
    public int[] SegmentTargets { get; } = new int[capacity + 1];

    /// <summary>The logarithm of each target's probability, computed by the last pass.</summary>
    public float[] LogProbabilities { get; } = new float[capacity];

    /// <summary>Whether each target is the most probable token, computed by the last pass without gradients.</summary>
    public bool[] AreMostProbable { get; } = new bool[capacity];

    /// <summary>The size of a batch in bytes.</summary>
    public static long ByteSizeFor(long capacity) => capacity * (7 * sizeof(int) + 2 * sizeof(float) + sizeof(bool));

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Count = 0;
        SegmentCount = 0;
        TargetCount = 0;
    }

    /// <summary>Replaces the weights of a segment's targets.</summary>
    public void SetWeights(int segment, float weight) => Weights.AsSpan(SegmentTargets[segment]..SegmentTargets[segment + 1]).Fill(weight);

    /// <summary>The sum of the log-probabilities of a segment's targets.</summary>
    public double SumLogProbabilities(int segment)
    {
        double sum = 0;
        for (int i = SegmentTargets[segment]; i < SegmentTargets[segment + 1]; i++)
        {
            sum += LogProbabilities[i];
        }

        return sum;
    }

    /// <summary>Computes the sum of the log-probabilities of the targets of each segment.</summary>
    public void SumLogProbabilities(Span<double> sums)
    {
        for (int segment = 0; segment < SegmentCount; segment++)
        {
            sums[segment] = SumLogProbabilities(segment);
        }
    }

    /// <summary>Adds a sample.</summary>
    /// <param name="tokens">Two tokens or more. The last token is only predicted, so it takes no place in the batch.</param>
    /// <param name="weights">The weight in the loss for each token; 0 excludes a token, and the weight of the first token is not used.</param>
    /// <returns>False if there is no room.</returns>
    public bool TryAdd(ReadOnlySpan<int> tokens, ReadOnlySpan<float> weights)
    {
        int count = tokens.Length - 1;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(tokens));
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, tokens.Length, nameof(weights));
        if (Count + count > capacity)
        {
            return false;
        }

        Segments[SegmentCount++] = new Segment(Count, count);
        for (int i = 0; i < count; i++)
        {
            (Tokens[Count], Positions[Count]) = (tokens[i], i);
            if (weights[i + 1] != 0)
            {
                (TargetRows[TargetCount], Targets[TargetCount], Weights[TargetCount]) = (Count, tokens[i + 1], weights[i + 1]);
                TargetCount++;
            }

            Count++;
        }

        SegmentTargets[SegmentCount] = TargetCount;
        return true;
    }
}
