using System.Buffers.Binary;
using System.Security.Cryptography;
using static System.FormattableString;

namespace Llama2.Training.Model;

/// <summary>Checks samples before training, and converts their masks to weights.</summary>
internal static class SampleCheck
{
    /// <summary>Checks a sample, and returns the number of its tokens that count in the loss.</summary>
    /// <exception cref="ArgumentException">
    /// The sample has fewer than two tokens, a mask whose length is not the number of tokens, or a token that is not in the vocabulary.
    /// </exception>
    public static int CountTargets(TrainingSample sample, int index, int vocabularySize)
    {
        ReadOnlySpan<int> tokens = sample.Tokens.Span;
        ReadOnlySpan<bool> mask = sample.LossMask.Span;
        if (tokens.Length < 2 || mask.Length != tokens.Length)
        {
            throw new ArgumentException(Invariant($"Sample {index:N0} has {tokens.Length:N0} tokens and a mask of {mask.Length:N0}; it must have two tokens or more, and a mask of the same length."), nameof(sample));
        }

        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)vocabularySize)
            {
                throw new ArgumentException(Invariant($"Sample {index:N0} has the token {token:N0}; the model has {vocabularySize:N0} tokens. Encode it with the model's own tokenizer."), nameof(sample));
            }
        }

        return mask[1..].Count(true);
    }

    /// <summary>The work of a forward pass over a sample that was checked.</summary>
    public static double ForwardWork(TrainingSample sample, PassWork pass) => pass.Of(sample.Tokens.Length - 1, sample.LossMask.Span[1..].Count(true));

    /// <summary>Returns the weight of each token in the loss: the given weight for tokens that the mask selects, and 0 for the others.</summary>
    public static ReadOnlySpan<float> Weights(TrainingSample sample, float weight, ref float[] memory)
    {
        ReadOnlySpan<bool> mask = sample.LossMask.Span;
        if (memory.Length < mask.Length)
        {
            memory = new float[mask.Length];
        }

        for (int i = 0; i < mask.Length; i++)
        {
            memory[i] = mask[i] ? weight : 0;
        }

        return memory.AsSpan(0, mask.Length);
    }

    /// <summary>Adds a sample to a digest.</summary>
    public static void Hash(TrainingSample sample, IncrementalHash digest)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        for (int i = 0; i < sample.Tokens.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, sample.LossMask.Span[i] ? sample.Tokens.Span[i] : ~sample.Tokens.Span[i]);
            digest.AppendData(bytes);
        }
    }
}
