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
    public static string Compute(IModelFile file, Vocabulary vocabulary)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string piece in vocabulary.Pieces)
        {
            Add(hash, piece);
        }

        byte[] sample = new byte[SampleByteSize];
        foreach (TensorDescription tensor in file.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            Add(hash, FormattableString.Invariant($"{tensor.Name} {tensor.Type} {tensor.RowLength} {tensor.RowCount}"));
            Span<byte> bytes = sample.AsSpan(0, (int)Math.Min(SampleByteSize, tensor.ByteSize));
            file.Read(tensor, 0, bytes);
            hash.AppendData(bytes);
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
