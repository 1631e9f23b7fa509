using System.Globalization;
using System.Text.Json;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.SafeTensors;
using Llama2.Model;
using Llama2.Quantization;

namespace Llama2.Conversion;

/// <summary>
/// Writes a model as a Hugging Face folder: the configuration, the tokenizer, and the weights in one safetensors file or in several with an index.
/// </summary>
internal sealed class HuggingFaceExport
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, NewLine = "\n" };
    private readonly IModelFile _source;
    private readonly AtomicFolder _folder;
    private readonly Tensor[] _tensors;
    private readonly ExportProgress _progress;
    private readonly CancellationToken _cancellationToken;

    private HuggingFaceExport(
        IModelFile source, AtomicFolder folder, Tensor[] tensors, ExportProgress progress, CancellationToken cancellationToken)
    {
        _source = source;
        _folder = folder;
        _tensors = tensors;
        _progress = progress;
        _cancellationToken = cancellationToken;
    }

    /// <exception cref="ModelFormatException">The source has a property that the folder cannot express.</exception>
    /// <exception cref="IOException">The folder exists, or cannot be written.</exception>
    public static void Write(IModelFile source, string path, ModelConversionOptions options, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        ModelConfiguration configuration = ConfigurationReader.Read(source);
        new TensorShapes(configuration).Require(source);
        Tensor[] tensors = Describe(source, configuration, options.Quantization?.BaseType());
        long byteSize = tensors.Sum(tensor => tensor.Entry.ByteSize);
        using var folder = new AtomicFolder(path);
        DiskSpace.Require(folder.Path, byteSize);
        var export = new HuggingFaceExport(source, folder, tensors, new ExportProgress(progress, byteSize), cancellationToken);
        HuggingFaceDocuments.Write(folder, source, configuration, isOutputShared: !source.TryGetTensor(LlamaTensors.Output.Name(), out _), tensors[0].Entry.DataType);
        export.WriteShards(options.MaxShardByteSize);
        folder.Commit();
    }

    private static Tensor[] Describe(IModelFile source, ModelConfiguration configuration, GgmlType? type)
    {
        List<Tensor> tensors = [];
        foreach (TensorDescription tensor in source.Tensors)
        {
            if (LlamaTensors.IsRotaryFrequencies(NameSpace.Gguf, tensor.Name))
                continue;
            (TensorRole? role, int layer) = configuration.Family.Tensors.Find(NameSpace.Gguf, tensor.Name) ?? default;
            if (role?.NameIn(NameSpace.HuggingFace, layer) is not { } name)
                throw new ModelFormatException(source.Path, tensor.EntryOffset, "a tensor's name", $"'{tensor.Name}'", "Hugging Face's Llama has no such tensor; convert to GGUF, which can store it");
            tensors.Add(new Tensor(tensor, CreateEntry(tensor, name, type), RowOrder(role, configuration)));
        }

        return [.. tensors];
    }

    private static SafeTensorsEntry CreateEntry(TensorDescription tensor, string name, GgmlType? type)
    {
        GgmlType chosen = type ?? (FloatFormats.All.Contains(tensor.Type) ? tensor.Type : GgmlType.F16);
        long byteSize = tensor.RowLength * tensor.RowCount * GgmlTypes.BlockByteSize(chosen);
        return new SafeTensorsEntry(name, chosen.ToString(), [.. tensor.Dimensions.Reverse()], Offset: -1, byteSize, EntryOffset: null);
    }

    private static Func<long, long>? RowOrder(TensorRole role, ModelConfiguration configuration) =>
        role.IsRotated ? row => HeadRows.FromHuggingFace(row, configuration.HeadLength) : null;

    private void WriteShards(long maxByteSize)
    {
        List<List<Tensor>> shards = [[]];
        long size = 0;
        foreach (Tensor tensor in _tensors)
        {
            if (shards[^1].Count > 0 && size + tensor.Entry.ByteSize > maxByteSize)
            {
                shards.Add([]);
                size = 0;
            }

            shards[^1].Add(tensor);
            size += tensor.Entry.ByteSize;
        }

        if (shards.Count == 1)
        {
            WriteShard(HuggingFaceShards.SingleName, shards[0]);
            return;
        }

        string[] names = [.. shards.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors"))];
        for (int i = 0; i < shards.Count; i++)
            WriteShard(names[i], shards[i]);
        WriteIndex(shards, names);
    }

    private void WriteShard(string fileName, List<Tensor> tensors) => _folder.Write(fileName, stream =>
    {
        SafeTensorsWriter.WriteHeader(stream, tensors.Select(tensor => tensor.Entry));
        var reader = new TensorReader(_source);
        foreach (Tensor tensor in tensors)
        {
            reader.Read(tensor.Source, Enum.Parse<GgmlType>(tensor.Entry.DataType), tensor.Rows, Write, _cancellationToken);
        }

        void Write(ReadOnlyMemory<byte> bytes)
        {
            stream.Write(bytes.Span);
            _progress.Add(bytes.Length);
        }
    });

    private void WriteIndex(List<List<Tensor>> shards, string[] names) => _folder.Write(HuggingFaceShards.IndexName, stream =>
    {
        using var json = new Utf8JsonWriter(stream, s_indented);
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", _tensors.Sum(tensor => tensor.Entry.ByteSize));
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        for (int i = 0; i < shards.Count; i++)
        {
            foreach (Tensor tensor in shards[i])
                json.WriteString(tensor.Entry.Name, names[i]);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A tensor to be written, and how it is converted.</summary>
    /// <param name="Source">The description of the tensor in the source.</param>
    /// <param name="Entry">The description of the tensor in the folder.</param>
    /// <param name="Rows">Maps the index of each row in the folder to the index of this row in the source; null if the order of rows does not change.</param>
    private readonly record struct Tensor(TensorDescription Source, SafeTensorsEntry Entry, Func<long, long>? Rows);
}
