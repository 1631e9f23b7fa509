using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>Opens a Hugging Face folder (config.json, safetensors or PyTorch files, tokenizer) as if it were one GGUF file.</summary>
internal static class HuggingFaceModelFile
{
    /// <summary>Opens a folder.</summary>
    /// <exception cref="ModelFormatException">A file is malformed or missing, or the model is not supported.</exception>
    public static IModelFile OpenFolder(string folder, bool memoryMapped)
    {
        var configuration = new HuggingFaceConfiguration(folder);
        return Compose(folder, folder, configuration, HuggingFaceShards.OpenFolder(folder, memoryMapped));
    }

    /// <summary>Opens the model to which a file with weights belongs.</summary>
    /// <exception cref="ModelFormatException">See <see cref="OpenFolder"/>.</exception>
    public static IModelFile OpenFile(string path, bool memoryMapped)
    {
        string folder = ModelFolder.Of(path);
        HuggingFaceShards shards = HuggingFaceShards.OpenFile(path, memoryMapped);
        try
        {
            return Compose(path, folder, new HuggingFaceConfiguration(folder), shards);
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    private static ComposedModelFile Compose(string path, string folder, HuggingFaceConfiguration configuration, HuggingFaceShards shards)
    {
        try
        {
            ITensorSource[] tensors = [.. shards.Weights.Where(weight => IsUsed(weight, configuration)).Select(weight => CreateTensor(weight, configuration))];
            OrderedDictionary<string, object> metadata = configuration.ToMetadata(Path.GetFileName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)));
            int? embeddingCount = CheckVocabularySize(tensors, configuration);
            if (!configuration.IsOutputShared && tensors.Length > 0 && !Array.Exists(tensors, tensor => tensor.Description.Name == LlamaTensors.Output.Name()))
                throw configuration.Fault("tie_word_embeddings", "false", $"the weights have no {LlamaTensors.Output.NameIn(NameSpace.HuggingFace)}: the model is incomplete, or the configuration belongs to another model");
            IReadOnlyList<string> warnings = AddTokenizer(metadata, configuration.Architecture, folder, embeddingCount);
            string name = shards.Count == 1 ? shards.FormatName : Invariant($"{shards.FormatName} in {shards.Count} files");
            return new ComposedModelFile(path, name, shards.ByteSize, metadata, tensors, [shards]) { Warnings = warnings, LastWriteTimeUtc = shards.LastWriteTimeUtc };
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    // If the embedding table is also the output matrix, an output matrix in the file is ignored.
    private static bool IsUsed(NamedWeight weight, HuggingFaceConfiguration configuration) =>
        !LlamaTensors.IsRotaryFrequencies(NameSpace.HuggingFace, weight.Name) && !(configuration.IsOutputShared && weight.Name == LlamaTensors.Output.NameIn(NameSpace.HuggingFace));

    private static ITensorSource CreateTensor(NamedWeight weight, HuggingFaceConfiguration configuration)
    {
        if (configuration.Architecture.Tensors.Find(NameSpace.HuggingFace, weight.Name) is not (var role, var layer))
        {
            // A tensor that is not part of a Llama model keeps its name; loading then refuses the tensor, and the error message states this name. A
            // tensor name of GGUF is refused here, because loading would accept it.
            return !configuration.Architecture.Tensors.IsGgufName(weight.Name)
                ? weight.Open(weight.Name, null)
                : throw weight.Fault("the name", "a name of GGUF", "Hugging Face's models have no tensor of this name; a file must not mix names of GGUF and of Hugging Face, because one tensor could be taken for another");
        }

        weight.RequireDimensionCount(role.IsVector ? 1 : 2);
        ITensorSource stored = weight.Open(role.Name(layer), null);
        if (!role.IsRotated)
            return stored;

        int headCount = role.Rows == Dimension.KeyValue ? configuration.KeyValueHeadCount : configuration.HeadCount, headLength = configuration.HeadLength;
        return headLength % 2 == 0 && stored.Description.RowCount == (long)headCount * headLength
            ? new ReorderedTensor(stored, row => HeadRows.ToHuggingFace(row, headLength))
            : throw weight.Fault("shape", $"[{string.Join(", ", weight.Shape)}]", Invariant($"according to the configuration it must have {headCount:N0} heads of {headLength:N0} rows each, and the number of rows of a head must be even"));
    }

    private static int? CheckVocabularySize(ITensorSource[] tensors, HuggingFaceConfiguration configuration)
    {
        if (Array.Find(tensors, tensor => tensor.Description.Name == LlamaTensors.TokenEmbedding.Name())?.Description.RowCount is not { } rowCount)
            return null;
        if (configuration.VocabularySize is int size && size != rowCount)
            throw configuration.Fault("vocab_size", Invariant($"{size:N0}"), Invariant($"the weights have embeddings for {rowCount:N0} tokens: the folder mixes two models"));
        return rowCount <= Vocabulary.MaxCount
            ? (int)rowCount
            : throw configuration.Fault("vocab_size", Invariant($"{rowCount:N0}"), Invariant($"at most {Vocabulary.MaxCount:N0} are allowed"));
    }

    private static IReadOnlyList<string> AddTokenizer(OrderedDictionary<string, object> metadata, ModelArchitecture architecture, string folder, int? embeddingCount)
    {
        var tokenizer = new HuggingFaceTokenizer(folder);
        if (embeddingCount is int count)
            metadata[architecture.Keys.VocabularySize] = ModelMetadata.Count(count);
        if (tokenizer.Exists)
            VocabularyMetadata.Add(metadata, tokenizer.Read(embeddingCount));
        if (tokenizer.ReadChatTemplate() is { } template)
            metadata[VocabularyKeys.ChatTemplate] = template;
        return tokenizer.Warnings;
    }
}
