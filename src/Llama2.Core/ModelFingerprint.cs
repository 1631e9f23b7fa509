using System.Security.Cryptography;
using System.Text;
using Llama2.Formats;
using Llama2.Tokenization;

namespace Llama2;

/// <summary>
/// Tells one model from another by a digest of little of it, so that it takes milliseconds: of each tensor blocks that are spread over it, read when
/// the model is loaded and hashed when somebody asks, since few ask and the cryptography takes its time to start.
/// </summary>
internal sealed class ModelFingerprint
{
    private const int FirstByteSize = 4096;
    private const int LaterByteSize = 1024;
    // After the first block: a third, two thirds, and the end.
    private const int LaterCount = 3;
    private readonly Lazy<string> _value;
    private readonly Lazy<string> _earlier;

    private ModelFingerprint(Func<string> hash, Func<string> hashAsEarlier)
    {
        _value = new Lazy<string>(hash);
        _earlier = new Lazy<string>(hashAsEarlier);
    }

    /// <summary>
    /// SHA-256, as hexadecimal digits, of the vocabulary, of what of the configuration changes the results and is in no tensor, and of each tensor's
    /// name, type, shape and sampled bytes.
    /// </summary>
    public string Value => _value.Value;

    /// <summary>Reads what is hashed.</summary>
    /// <param name="file">The model.</param>
    /// <param name="vocabulary">Its vocabulary.</param>
    /// <param name="configuration">Its configuration, as the file has it.</param>
    public static ModelFingerprint Read(IModelFile file, Vocabulary vocabulary, ModelConfiguration configuration)
    {
        TensorDescription[] tensors = [.. file.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        byte[][] samples = Array.ConvertAll(tensors, tensor => ReadSample(file, tensor));
        return new ModelFingerprint(() => Hash(vocabulary, tensors, samples, configuration), () => HashAsEarlier(vocabulary, tensors, samples));
    }

    /// <summary>That of a model which no file has.</summary>
    /// <param name="description">What tells it from others.</param>
    public static ModelFingerprint Of(string description) => new(() => description, () => description);

    /// <summary>
    /// Whether a fingerprint that was saved is this model's: as it is computed now, or as earlier versions did, of the first block of each tensor and
    /// without the configuration.
    /// </summary>
    public bool Matches(string saved) => saved == Value || saved == _earlier.Value;

    private static byte[] ReadSample(IModelFile file, TensorDescription tensor)
    {
        if (tensor.ByteSize <= FirstByteSize)
        {
            byte[] whole = new byte[tensor.ByteSize];
            file.Read(tensor, 0, whole);
            return whole;
        }

        byte[] sample = new byte[FirstByteSize + LaterCount * LaterByteSize];
        file.Read(tensor, 0, sample.AsSpan(0, FirstByteSize));
        for (int i = 1; i <= LaterCount; i++)
        {
            long offset = (tensor.ByteSize - LaterByteSize) / LaterCount * i + (i == LaterCount ? (tensor.ByteSize - LaterByteSize) % LaterCount : 0);
            file.Read(tensor, offset, sample.AsSpan(FirstByteSize + (i - 1) * LaterByteSize, LaterByteSize));
        }

        return sample;
    }

    private static string Hash(Vocabulary vocabulary, TensorDescription[] tensors, byte[][] samples, ModelConfiguration configuration)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, FormattableString.Invariant(
            $"{configuration.HeadCount} {configuration.KeyValueHeadCount} {configuration.HeadLength} {configuration.RmsNormEpsilon:R} {configuration.RopeTheta:R} {configuration.RopeScaling.Type} {configuration.RopeScaling.Factor:R}"));
        AddAll(hash, vocabulary, tensors, samples, int.MaxValue);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string HashAsEarlier(Vocabulary vocabulary, TensorDescription[] tensors, byte[][] samples)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AddAll(hash, vocabulary, tensors, samples, FirstByteSize);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AddAll(IncrementalHash hash, Vocabulary vocabulary, TensorDescription[] tensors, byte[][] samples, int maxSampleByteSize)
    {
        foreach (string piece in vocabulary.Pieces)
        {
            Add(hash, piece);
        }

        foreach ((TensorDescription tensor, byte[] sample) in tensors.Zip(samples))
        {
            Add(hash, FormattableString.Invariant($"{tensor.Name} {tensor.Type} {tensor.RowLength} {tensor.RowCount}"));
            hash.AppendData(sample.AsSpan(0, Math.Min(sample.Length, maxSampleByteSize)));
        }
    }

    // With its end marked, so that "ab" and "c" are not "a" and "bc".
    private static void Add(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
