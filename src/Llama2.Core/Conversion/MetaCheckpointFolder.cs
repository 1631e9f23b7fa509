using Llama2.Formats;
using Llama2.Formats.MetaCheckpoint;
using Llama2.Tokenization;

namespace Llama2.Conversion;

/// <summary>Opens a folder in the form in which Meta released Llama 1 and 2, together with the vocabulary that belongs to it.</summary>
internal static class MetaCheckpointFolder
{
    /// <summary>Whether a path is such a folder. Only the names of its files are checked.</summary>
    public static bool IsFolder(string path) => MetaCheckpointFile.IsFolder(path);

    /// <summary>Whether a path is one of the files with weights in such a folder. Only names are checked.</summary>
    public static bool IsShard(string path) =>
        Path.GetFileName(path) is var name && name.StartsWith("consolidated.", StringComparison.Ordinal) && name.EndsWith(".pth", StringComparison.Ordinal) && IsFolder(ModelFolder.Of(path));

    /// <summary>
    /// Opens the folder and checks everything in it except the values of the weights. If there is no <c>tokenizer.model</c>, the metadata contain no
    /// vocabulary.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="memoryMapped">
    /// True to map the shards into memory instead of reading them; <see cref="Memory.MappedFile"/> describes the risk.
    /// </param>
    /// <exception cref="ModelFormatException">A file is missing or malformed, or contains something that is not part of a Llama model.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public static IModelFile Open(string folder, bool memoryMapped = false)
    {
        var vocabulary = new Dictionary<string, object>(StringComparer.Ordinal);
        if (MetaCheckpointFile.FindTokenizer(folder) is string tokenizer)
            VocabularyMetadata.Add(vocabulary, TokenizerFile.ReadOwn(tokenizer));
        return MetaCheckpointFile.Open(folder, vocabulary, memoryMapped);
    }
}
