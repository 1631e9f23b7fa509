using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Quantization;
using Llama2.Tokenization;

namespace Llama2.Conversion;

/// <summary>
/// Distinguishes models by a digest of a sample of their bytes. Reading and hashing the sample takes milliseconds. The sample contains several parts
/// of each tensor. The sample is read when the model is loaded, but hashed only when the fingerprint is requested, because requests are rare, and the
/// operating system's cryptography takes time to start.
/// </summary>
internal sealed class ModelFingerprint
{
    private const int FirstByteSize = 4096;
    private const int LaterByteSize = 1024;
    // The number of parts that are sampled from a tensor after its first part: at one third, at two thirds, and at the end of the tensor.
    private const int LaterCount = 3;
    private readonly Lazy<string> _value;
    private readonly Lazy<string>[] _earlier;
    // The number of a norm's first numbers that are hashed: those of a sample's first part in float32.
    private const int NormLength = FirstByteSize / sizeof(float);
    private readonly Lazy<string> _normValue;
    private readonly (TensorDescription Tensor, byte[] Bytes)[] _samples;

    private ModelFingerprint((TensorDescription Tensor, byte[] Bytes)[] samples, Func<string> hash, params Func<string>[] earlierHashes)
    {
        _samples = samples;
        _value = new Lazy<string>(hash);
        _normValue = new Lazy<string>(HashNorms);
        _earlier = Array.ConvertAll(earlierHashes, earlierHash => new Lazy<string>(earlierHash));
    }

    /// <summary>
    /// The SHA-256 digest in hexadecimal digits. It covers the vocabulary; the properties of the configuration that change the results and are not
    /// part of a tensor; and each tensor's name, type, shape and sampled bytes.
    /// </summary>
    public string Value => _value.Value;

    /// <summary>
    /// The SHA-256 digest, in hexadecimal digits, of the first numbers of each norm. Quantizations leave these tensors unchanged, so all quantizations of
    /// a model have the same digest.
    /// </summary>
    public string NormValue => _normValue.Value;

    /// <summary>Reads the data to be hashed.</summary>
    /// <param name="file">The model.</param>
    /// <param name="vocabulary">The model's vocabulary.</param>
    /// <param name="configuration">The model's configuration as stated in the file.</param>
    public static ModelFingerprint Read(IModelFile file, Vocabulary vocabulary, ModelConfiguration configuration)
    {
        var samples = new (TensorDescription Tensor, byte[] Bytes)[file.Tensors.Count];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = (file.Tensors[i], ReadSample(file, file.Tensors[i]));
        return new ModelFingerprint(
            samples,
            () => Hash(Describe(configuration), vocabulary, samples, int.MaxValue),
            () => Hash(DescribeShape(configuration), vocabulary, samples, int.MaxValue),
            () => Hash(configuration: null, vocabulary, samples, FirstByteSize));
    }

    /// <summary>The fingerprint of a model that is not stored in a file.</summary>
    /// <param name="description">A description that distinguishes the model from all others.</param>
    public static ModelFingerprint Of(string description) => new([], () => description);

    /// <summary>The SHA-256 digest of each tensor's name, type, shape and sampled bytes, which does not depend on the vocabulary and the configuration.</summary>
    public byte[] DigestTensors()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AddTensors(hash, _samples, int.MaxValue);
        return hash.GetHashAndReset();
    }

    /// <summary>
    /// Whether a saved fingerprint belongs to this model. The saved fingerprint may have been computed by this version of the library or by an
    /// earlier one. One earlier version hashed only the type and the factor of the rotary scaling, and none of its other settings. The version before
    /// that one hashed no part of the configuration, and only the first block of each tensor.
    /// </summary>
    public bool Matches(string saved) => saved == Value || Array.Exists(_earlier, earlier => earlier.Value == saved);

    /// <summary>
    /// The part of a configuration that is hashed: all properties that change the results and do not follow from the tensors' shapes or the
    /// vocabulary. The context length that the model was trained for is included only with rotary scaling, because without it no result depends on
    /// this length.
    /// </summary>
    internal static string Describe(ModelConfiguration configuration)
    {
        RopeScaling scaling = configuration.RopeScaling;
        return scaling.Type == RopeScalingType.None
            ? DescribeShape(configuration)
            : DescribeShape(configuration) + FormattableString.Invariant(
                $" {configuration.ContextLength} {scaling.OriginalContextLength} {scaling.ExtrapolationFactor:R} {scaling.AttentionFactor:R} {scaling.BetaFast:R} {scaling.BetaSlow:R} {scaling.TruncatesRamp}");
    }

    private static string DescribeShape(ModelConfiguration configuration) => FormattableString.Invariant(
        $"{configuration.HeadCount} {configuration.KeyValueHeadCount} {configuration.HeadLength} {configuration.RmsNormEpsilon:R} {configuration.RopeTheta:R} {configuration.RopeScaling.Type} {configuration.RopeScaling.Factor:R}");

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

    private string HashNorms()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        float[] numbers = new float[NormLength];
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach ((TensorDescription tensor, byte[] sample) in _samples.OrderBy(sample => sample.Tensor.Name, StringComparer.Ordinal))
        {
            if (ModelArchitecture.FindTensor(NameSpace.Gguf, tensor.Name) is ({ IsVector: true }, _) && tensor.Type is GgmlType.F32 or GgmlType.F16 or GgmlType.BF16)
            {
                Span<float> first = numbers.AsSpan(0, (int)Math.Min(NormLength, tensor.RowLength));
                WeightFormats.Dequantize(tensor.Type, sample.AsSpan(0, (int)GgmlTypes.RowByteSize(tensor.Type, first.Length)), first);
                Add(hash, FormattableString.Invariant($"{tensor.Name} {tensor.RowLength}"));
                foreach (float number in first)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes, number);
                    hash.AppendData(bytes);
                }
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Hash(string? configuration, Vocabulary vocabulary, (TensorDescription Tensor, byte[] Bytes)[] samples, int maxSampleByteSize)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (configuration is not null)
            Add(hash, configuration);
        foreach (string piece in vocabulary.Pieces.ToArray())
            Add(hash, piece);

        AddTensors(hash, samples, maxSampleByteSize);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AddTensors(IncrementalHash hash, (TensorDescription Tensor, byte[] Bytes)[] samples, int maxSampleByteSize)
    {
        foreach ((TensorDescription tensor, byte[] sample) in samples.OrderBy(sample => sample.Tensor.Name, StringComparer.Ordinal))
        {
            Add(hash, FormattableString.Invariant($"{tensor.Name} {tensor.Type} {tensor.RowLength} {tensor.RowCount}"));
            hash.AppendData(sample.AsSpan(0, Math.Min(sample.Length, maxSampleByteSize)));
        }
    }

    // The end of the text is marked, so that the hash of the texts "ab" and "c" differs from the hash of the texts "a" and "bc".
    private static void Add(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
