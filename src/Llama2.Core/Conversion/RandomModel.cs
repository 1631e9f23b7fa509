using System.Globalization;
using Llama2.Architectures;
using Llama2.Formats.Gguf;
using Llama2.Model;
using Llama2.Quantization;

namespace Llama2;

/// <summary>Writes models with random weights, so that speed and memory can be measured without a download. The text that these models generate is nonsense.</summary>
/// <remarks>
/// Writing is synchronous because it computes from beginning to end on the calling thread. If that thread must stay free, call the method within
/// <c>Task.Run</c>.
/// </remarks>
public static class RandomModel
{
    /// <summary>The number of tokens in the vocabulary of each of these models, the same number as in Llama 2's vocabulary.</summary>
    public const int VocabularySize = 32_000;

    private const int ChunkByteSize = 8 << 20;

    /// <summary>Writes a GGUF file of any size, using a few megabytes of memory. The file appears under its name only when it is complete.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="shape">The model's shape.</param>
    /// <param name="quantization">The format, or mix of formats, of the weights.</param>
    /// <param name="progress">Receives the number of bytes that have been written. Called after each part of a tensor.</param>
    /// <param name="cancellationToken">Stops the writing; the incomplete file is deleted.</param>
    /// <exception cref="ArgumentException">The quantization is not a defined value, or the shape is not valid for a model.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written, or the disk has too little free space. The free space is checked before the first tensor is written.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Write(
        string path, ModelShape shape, ModelQuantization quantization, IProgress<ByteProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(shape);
        ModelQuantizations.Require(quantization, nameof(quantization));
        Check(shape);
        using var writer = new GgufWriter(path);
        ModelArchitecture architecture = ModelArchitecture.Llama;
        AddMetadata(writer, architecture, shape, quantization);
        List<(GgmlType Type, long RowLength, long RowCount)> tensors = [];
        foreach ((string name, GgmlType type, long rowLength, long rowCount) in Describe(architecture.Tensors, shape, quantization))
        {
            if (rowCount == 1)
            {
                writer.AddTensor(name, type, rowLength);
            }
            else
            {
                writer.AddTensor(name, type, rowLength, rowCount);
            }

            tensors.Add((type, rowLength, rowCount));
        }

        WriteTensors(writer, tensors, progress, cancellationToken);
        writer.Complete();
    }

    private static void Check(ModelShape shape)
    {
        foreach (int length in (ReadOnlySpan<int>)
            [shape.EmbeddingLength, shape.LayerCount, shape.HeadCount, shape.KeyValueHeadCount, shape.FeedForwardLength, shape.ContextLength])
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(length, 1, nameof(shape));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.ContextLength, RopeScaling.MaxContextLength, nameof(shape));
        if (shape.EmbeddingLength % (2 * (long)shape.HeadCount) != 0 || shape.HeadCount % shape.KeyValueHeadCount != 0)
        {
            throw new ArgumentException(
                $"{shape.HeadCount:N0} heads, {shape.KeyValueHeadCount:N0} for keys and values, do not fit a width of {shape.EmbeddingLength:N0}: the number of heads must divide the width into heads of an even width, and be a multiple of the number of key-value heads.",
                nameof(shape));
        }
    }

    private static void WriteTensors(
        GgufWriter writer, List<(GgmlType Type, long RowLength, long RowCount)> tensors, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        long total = tensors.Sum(tensor => GgmlTypes.RowByteSize(tensor.Type, tensor.RowLength) * tensor.RowCount), written = 0;
        var random = new Random(1);
        foreach ((GgmlType type, long rowLength, long rowCount) in tensors)
        {
            // A few random blocks are generated and written repeatedly, which does not change the speed of a computation with the model.
            long rest = GgmlTypes.RowByteSize(type, rowLength) * rowCount;
            byte[] blocks = new byte[Math.Min(rest, ChunkByteSize / GgmlTypes.BlockByteSize(type) * GgmlTypes.BlockByteSize(type))];
            RandomWeights.Fill(type, 1 / MathF.Sqrt(rowLength), isNorm: rowCount == 1, blocks, random);
            for (; rest > 0; rest -= blocks.Length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = (int)Math.Min(rest, blocks.Length);
                writer.Write(blocks.AsSpan(0, count));
                progress?.Report(new ByteProgress(written += count, total));
            }

            writer.EndTensor();
        }
    }

    private static void AddMetadata(GgufWriter writer, ModelArchitecture architecture, ModelShape shape, ModelQuantization quantization)
    {
        OrderedDictionary<string, object> metadata = ModelMetadata.Create(architecture, $"random {quantization}", shape.ContextLength, shape.Dimensions, rmsNormEpsilon: 1e-5f);
        metadata[architecture.Keys.RopeDimensionCount] = ModelMetadata.Count(shape.Dimensions.HeadLength);
        foreach ((string key, object value) in metadata)
        {
            writer.Add(key, value);
        }

        int byteEnd = 3 + 256;
        string[] pieces = new string[VocabularySize];
        for (int i = 0; i < pieces.Length; i++)
        {
            pieces[i] = i switch
            {
                0 => "<unk>",
                1 => "<s>",
                2 => "</s>",
                _ when i < byteEnd => string.Create(CultureInfo.InvariantCulture, $"<0x{i - 3:X2}>"),
                _ when i < byteEnd + 95 => i == byteEnd ? "\u2581" : ((char)(' ' + i - byteEnd)).ToString(),
                _ => string.Create(CultureInfo.InvariantCulture, $"\u2581w{i}"),
            };
        }

        writer.Add(VocabularyKeys.Model, "llama");
        writer.Add(VocabularyKeys.Pieces, pieces);
        writer.Add(VocabularyKeys.Scores, Enumerable.Range(0, pieces.Length).Select(i => i < byteEnd ? 0f : -i).ToArray());
        writer.Add(VocabularyKeys.Types, Enumerable.Range(0, pieces.Length).Select(i => i == 0 ? 2 : i < 3 ? 3 : i < byteEnd ? 6 : 1).ToArray());
        writer.Add(VocabularyKeys.BeginOfSequenceId, 1u);
        writer.Add(VocabularyKeys.EndOfSequenceId, 2u);
        writer.Add(VocabularyKeys.UnknownId, 0u);
    }

    private static IEnumerable<(string Name, GgmlType Type, long RowLength, long RowCount)> Describe(TensorRoles tensors, ModelShape shape, ModelQuantization quantization)
    {
        ModelDimensions dimensions = shape.Dimensions;
        var mix = new QuantizationMix(quantization, tensors, dimensions);
        return tensors.Enumerate(shape.LayerCount).Where(tensor => tensor.Role != LlamaTensors.RopeFrequencyFactors)
            .Select(tensor => (tensor.Role.Name(tensor.Layer), mix.TypeOf(tensor.Role, tensor.Layer), dimensions[tensor.Role.Columns], dimensions[tensor.Role.Rows]));
    }
}
