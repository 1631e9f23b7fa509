using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.Llama2C;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>
/// Opens a llama2.c checkpoint as if it were a GGUF file. The rows of its query and key matrices already have GGUF's order. Hyperparameters that the
/// file does not state are constants in the code of llama2.c, equal to those of Llama 2.
/// </summary>
internal static class Llama2CModelFile
{
    private const float RmsNormEpsilon = 1e-5f;
    private const float RopeTheta = 10_000;
    private const int BlockLength = 32;

    /// <summary>Opens a checkpoint and, if there is a tokenizer beside it, also that tokenizer.</summary>
    /// <exception cref="ModelFormatException">The checkpoint or its tokenizer is malformed.</exception>
    public static IModelFile Open(string path, bool memoryMapped)
    {
        IByteSource source = ByteSources.Open(path, memoryMapped);
        try
        {
            var header = Llama2CHeader.Read(source);
            ITensorSource[] tensors =
            [
                .. new Llama2CLayout(header).Tensors
                    .Where(tensor => tensor.Role is not null)
                    .Select(tensor => CreateTensor(source, tensor, tensor.Role!)),
            ];
            string name = header.Version == 0 ? "llama2.c" : Invariant($"llama2.c v{header.Version}");
            return new ComposedModelFile(path, name, source.Length, Describe(path, header), tensors, [source]) { LastWriteTimeUtc = source.LastWriteTimeUtc };
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static OrderedDictionary<string, object> Describe(string path, Llama2CHeader header)
    {
        ModelArchitecture architecture = ModelArchitecture.Llama;
        OrderedDictionary<string, object> metadata = ModelMetadata.Create(
            architecture, Path.GetFileNameWithoutExtension(path), header.ContextLength, header.Dimensions, RmsNormEpsilon);
        metadata[architecture.Keys.RopeTheta] = RopeTheta;
        metadata[architecture.Keys.RopeDimensionCount] = ModelMetadata.Count(header.Dimensions.HeadLength);
        metadata[architecture.Keys.VocabularySize] = ModelMetadata.Count(header.VocabularySize);
        if (TokenizerFile.FindBeside(path) is { } tokenizer)
            VocabularyMetadata.Add(metadata, TokenizerFile.ReadOwn(tokenizer));
        return metadata;
    }

    private static ITensorSource CreateTensor(IByteSource source, Llama2CTensor tensor, TensorRole role)
    {
        long[] dimensions = role.IsVector ? [tensor.RowLength] : [tensor.RowLength, tensor.RowCount];
        // A block of Q8_0 has one scale, so it must not extend beyond a group or a row.
        GgmlType type = tensor.GroupLength > 0 && tensor.GroupLength % BlockLength == 0 && tensor.RowLength % BlockLength == 0 ? GgmlType.Q8_0 : GgmlType.F32;
        var description = new TensorDescription(role.Name(tensor.Layer), type, dimensions, tensor.Offset, entryOffset: null);
        return tensor.GroupLength == 0 ? new StoredTensor(source, description) : new GroupedTensor(source, tensor, description);
    }
}
