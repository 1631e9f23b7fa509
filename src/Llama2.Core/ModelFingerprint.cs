using System.Security.Cryptography;
using System.Text;
using Llama2.Formats;
using Llama2.Tokenization;

namespace Llama2;

/// <summary>Tells one model from another by a digest of little of it, so that it takes milliseconds.</summary>
internal static class ModelFingerprint
{
    private const int SampleByteSize = 4096;

    /// <summary>SHA-256, as hexadecimal digits, of the vocabulary and of each tensor's name, type, shape and first bytes.</summary>
    public static string Compute(IModelFile file, Vocabulary vocabulary) => Read(file, vocabulary).Value;

    /// <summary>The same, read now and hashed when it is asked for: few ask, and the cryptography takes its time to start.</summary>
    public static Lazy<string> Read(IModelFile file, Vocabulary vocabulary)
    {
        TensorDescription[] tensors = [.. file.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        byte[][] samples = Array.ConvertAll(tensors, tensor => ReadSample(file, tensor));
        return new Lazy<string>(() => Hash(vocabulary, tensors, samples));
    }

    private static byte[] ReadSample(IModelFile file, TensorDescription tensor)
    {
        byte[] sample = new byte[Math.Min(SampleByteSize, tensor.ByteSize)];
        file.Read(tensor, 0, sample);
        return sample;
    }

    private static string Hash(Vocabulary vocabulary, TensorDescription[] tensors, byte[][] samples)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string piece in vocabulary.Pieces)
        {
            Add(hash, piece);
        }

        foreach ((TensorDescription tensor, byte[] sample) in tensors.Zip(samples))
        {
            Add(hash, FormattableString.Invariant($"{tensor.Name} {tensor.Type} {tensor.RowLength} {tensor.RowCount}"));
            hash.AppendData(sample);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // With its end marked, so that "ab" and "c" are not "a" and "bc".
    private static void Add(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
