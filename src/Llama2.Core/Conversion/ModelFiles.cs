using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Formats.Llama2C;
using Llama2.Formats.PyTorch;
using Llama2.Formats.SafeTensors;
using Llama2.Tokenization;

namespace Llama2.Conversion;

/// <summary>
/// Opens a model in any published form; no other code does this. The form is detected from the content, never from a file's extension. The result
/// always has GGUF's metadata keys, tensor names and order of rows.
/// </summary>
internal static class ModelFiles
{
    private const int StartByteSize = 64;

    /// <summary>Opens a file, or a folder of files.</summary>
    /// <param name="path">
    /// A GGUF file or any part of a split GGUF file, a Hugging Face folder or one of its files with weights, or a llama2.c checkpoint.
    /// </param>
    /// <param name="memoryMapped">True to map files into memory instead of reading them.</param>
    /// <param name="tokenizerPath">The path of a tokenizer to use instead of the model's own; null uses the model's own.</param>
    /// <exception cref="ModelFormatException">The content is malformed, or of a kind that this library does not read.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public static IModelFile Open(string path, bool memoryMapped = false, string? tokenizerPath = null)
    {
        if (tokenizerPath is null)
            return OpenAsItIs(path, memoryMapped);

        var vocabulary = TokenizerFile.Read(tokenizerPath);
        IModelFile file = OpenAsItIs(path, memoryMapped);
        return WithVocabulary(file, vocabulary);
    }

    private static IModelFile OpenAsItIs(string path, bool memoryMapped)
    {
        if (MetaCheckpointFolder.IsFolder(path))
            return MetaCheckpointFolder.Open(path, memoryMapped);
        if (Directory.Exists(path))
            return HuggingFaceModelFile.OpenFolder(path, memoryMapped);

        if (MetaCheckpointFolder.IsShard(path))
            return MetaCheckpointFolder.Open(ModelFolder.Of(path), memoryMapped);

        byte[] start = ReadStart(path, out long length);
        return SafeTensorsFile.HasStart(start) || TorchFile.HasStart(start) ? HuggingFaceModelFile.OpenFile(path, memoryMapped)
            : !GgufFile.HasMagic(start) && Llama2CHeader.HasStart(start, length) ? Llama2CModelFile.Open(path, memoryMapped)
            : GgufParts.Open(path, memoryMapped);
    }

    private static byte[] ReadStart(string path, out long length)
    {
        using var source = new FileByteSource(path);
        length = source.Length;
        byte[] start = new byte[Math.Min(StartByteSize, source.Length)];
        source.Read(0, start);
        return start;
    }

    private static ComposedModelFile WithVocabulary(IModelFile file, Vocabulary vocabulary)
    {
        var metadata = new OrderedDictionary<string, object>(StringComparer.Ordinal);
        foreach ((string key, object value) in file.Metadata)
        {
            if (!key.StartsWith(VocabularyKeys.Prefix, StringComparison.Ordinal))
                metadata.Add(key, value);
        }

        // The end tokens of the model's own file are kept even if another tokenizer is used, because the model's weights determine which tokens end
        // its texts.
        VocabularyMetadata.Add(metadata, vocabulary, GgufVocabularyReader.FindOtherEnds(new MetadataReader(file)));
        return new ComposedModelFile(
            file.Path, file.FormatName, file.ByteSize, metadata, [.. file.Tensors.Select(tensor => new PartTensor(file, tensor))], [file], file.MetadataOffset)
        {
            LastWriteTimeUtc = file.LastWriteTimeUtc,
        };
    }
}
