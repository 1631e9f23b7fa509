using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Model;
using Llama2.Quantization;

namespace Llama2.Conversion;

/// <summary>Writes a model as a GGUF file, with its metadata unchanged and its tensors in the requested type.</summary>
internal static class GgufExport
{
    /// <exception cref="ModelFormatException">The source has a tensor that cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(IModelFile source, string path, ModelConversionOptions options, IProgress<ByteProgress>? progress, CancellationToken cancellationToken)
    {
        // A model that cannot be run is refused here, so that no file is written that only looks like a usable model.
        new TensorShapes(ConfigurationReader.Read(source)).Require(source);
        TensorDescription[] tensors = [.. source.Tensors];
        GgmlType[] types = Array.ConvertAll(tensors, tensor => ChooseType(tensor, options.Quantization?.BaseType()));
        using var writer = new GgufWriter(path);
        AddMetadata(writer, source, options.Quantization);
        for (int i = 0; i < tensors.Length; i++)
            writer.AddTensor(tensors[i].Name, types[i], [.. tensors[i].Dimensions]);

        var written = new ExportProgress(progress, tensors.Zip(types).Sum(pair => GgmlTypes.RowByteSize(pair.Second, pair.First.RowLength) * pair.First.RowCount));
        var reader = new TensorReader(source);
        for (int i = 0; i < tensors.Length; i++)
        {
            reader.Read(tensors[i], types[i], rows: null, Write, cancellationToken);
            writer.EndTensor();
        }

        writer.Complete();

        void Write(ReadOnlyMemory<byte> bytes)
        {
            writer.Write(bytes.Span);
            written.Add(bytes.Length);
        }
    }

    // Vectors are written as F32, as in llama.cpp's converter. They are the weights of norms, a ten-thousandth of all weights.
    private static GgmlType ChooseType(TensorDescription tensor, GgmlType? type) =>
        tensor.Dimensions.Count == 1 && FloatFormats.All.Contains(tensor.Type) ? GgmlType.F32 : type ?? tensor.Type;

    private static void AddMetadata(GgufWriter writer, IModelFile source, ModelQuantization? quantization)
    {
        foreach ((string key, object value) in source.Metadata)
        {
            // The writer chooses and writes the alignment itself. If the caller chose a type for the weights, the source's value of general.file_type does not
            // apply to the target.
            if (key != GeneralKeys.Alignment && !(key == GeneralKeys.FileType && quantization is not null))
                writer.Add(key, value);
        }

        if (quantization is { } chosen)
            writer.Add(GeneralKeys.FileType, (uint)chosen);
    }
}
