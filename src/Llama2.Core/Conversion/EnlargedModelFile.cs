using System.Diagnostics.CodeAnalysis;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Model;
using Llama2.Quantization;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>
/// A model file whose vocabulary has more tokens than that of the stored model. The embedding table and the output matrix have a row for each new
/// token: the mean of the model's own rows, so that the new token is initially neither likely nor unlikely, and all other probabilities hardly change
/// (Hewitt 2021, "Initializing New Word Embeddings for Pretrained Language Models"). It can be read and written like any other model file.
/// Thread-safe.
/// </summary>
internal sealed class EnlargedModelFile : IModelFile
{
    private const int ChunkByteSize = 1 << 20;
    private readonly IModelFile _model;
    private readonly Dictionary<string, TensorDescription> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TensorDescription Stored, Lazy<byte[]> NewRow)> _enlarged = new(StringComparer.Ordinal);

    /// <param name="model">The model; the caller keeps ownership.</param>
    /// <param name="vocabulary">The vocabulary; it begins with the tokens of the model.</param>
    /// <param name="chatTemplate">The chat template that uses the new tokens; null keeps that of the model.</param>
    /// <exception cref="ModelFormatException">The model is malformed.</exception>
    public EnlargedModelFile(IModelFile model, Vocabulary vocabulary, string? chatTemplate = null)
    {
        _model = model;
        ModelConfiguration configuration = ConfigurationReader.Read(model);
        new TensorShapes(configuration).Require(model);
        var metadata = new OrderedDictionary<string, object>(model.Metadata);
        VocabularyMetadata.Add(metadata, vocabulary);
        string sizeKey = configuration.Family.Keys.VocabularySize;
        if (metadata.ContainsKey(sizeKey))
        {
            metadata[sizeKey] = (uint)vocabulary.Count;
        }

        if (chatTemplate is not null)
        {
            metadata[VocabularyKeys.ChatTemplate] = chatTemplate;
        }

        Metadata = metadata;
        foreach (TensorDescription tensor in model.Tensors)
        {
            bool isEnlarged = configuration.Family.Tensors.Find(NameSpace.Gguf, tensor.Name) is ({ Rows: Dimension.Vocabulary }, _);
            if (isEnlarged)
            {
                _enlarged.Add(tensor.Name, (tensor, new Lazy<byte[]>(() => EncodeMean(model, tensor))));
            }

            _tensors.Add(tensor.Name, isEnlarged ? new TensorDescription(tensor.Name, tensor.Type, [tensor.RowLength, vocabulary.Count], tensor.Offset, tensor.EntryOffset) : tensor);
        }

        Tensors = [.. model.Tensors.Select(tensor => _tensors[tensor.Name])];
    }

    public string Path => _model.Path;

    public string FormatName => _model.FormatName;

    public long ByteSize => _model.ByteSize;

    public DateTime? LastWriteTimeUtc => _model.LastWriteTimeUtc;

    public IReadOnlyDictionary<string, object> Metadata { get; }

    public IReadOnlyList<TensorDescription> Tensors { get; }

    public IReadOnlyList<string> Warnings => _model.Warnings;

    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor) => _tensors.TryGetValue(name, out tensor);

    public long? MetadataOffset(string key) => _model.MetadataOffset(key);

    public void Read(TensorDescription tensor, long byteOffset, Span<byte> destination)
    {
        if (!_enlarged.TryGetValue(tensor.Name, out (TensorDescription Stored, Lazy<byte[]> NewRow) enlarged))
        {
            _model.Read(tensor, byteOffset, destination);
            return;
        }

        int storedCount = (int)Math.Clamp(enlarged.Stored.ByteSize - byteOffset, 0, destination.Length);
        if (storedCount > 0)
        {
            _model.Read(enlarged.Stored, byteOffset, destination[..storedCount]);
        }

        byteOffset += storedCount;
        destination = destination[storedCount..];
        while (destination.Length > 0)
        {
            byte[] row = enlarged.NewRow.Value;
            ReadOnlySpan<byte> rest = row.AsSpan((int)((byteOffset - enlarged.Stored.ByteSize) % row.Length));
            int count = Math.Min(rest.Length, destination.Length);
            rest[..count].CopyTo(destination);
            byteOffset += count;
            destination = destination[count..];
        }
    }

    public void Dispose()
    {
    }

    // The mean is computed when a new row is first read, because estimates of memory need only the shapes. The sums are computed in float64 and in the
    // order of the rows, so that the mean is the same on every machine. It is stored in the type of the tensor, so that the model's own rows remain as
    // they are, bit for bit.
    private static byte[] EncodeMean(IModelFile model, TensorDescription tensor)
    {
        float[] row = new float[tensor.RowLength];
        double[] sums = new double[tensor.RowLength];
        int rowByteSize = checked((int)tensor.RowByteSize), rowsAtOnce = Math.Max(1, ChunkByteSize / rowByteSize);
        byte[] bytes = new byte[Math.Min(rowsAtOnce, tensor.RowCount) * rowByteSize];
        for (long start = 0; start < tensor.RowCount; start += rowsAtOnce)
        {
            int count = (int)Math.Min(rowsAtOnce, tensor.RowCount - start);
            model.Read(tensor, start * rowByteSize, bytes.AsSpan(0, count * rowByteSize));
            for (int i = 0; i < count; i++)
            {
                WeightFormats.Dequantize(tensor.Type, bytes.AsSpan(i * rowByteSize, rowByteSize), row);
                for (int column = 0; column < row.Length; column++)
                {
                    sums[column] += row[column];
                }
            }
        }

        byte[] mean = new byte[rowByteSize];
        float[] means = Array.ConvertAll(sums, sum => (float)(sum / tensor.RowCount));
        return Array.TrueForAll(means, float.IsFinite) && WeightFormats.Of(tensor.Type).CreateEncoder().TryEncode(means, importance: [], mean)
            ? mean
            : throw new ModelFormatException(model.Path, tensor.EntryOffset, $"the mean of the rows of '{tensor.Name}'", "infinite, NaN or too large", Invariant($"rows for new tokens cannot be made of it in {tensor.Type}: the file is damaged"));
    }
}
