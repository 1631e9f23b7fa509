using Llama2.Formats;
using Llama2.Formats.MetaCheckpoint;
using Llama2.Tokenization;

namespace Llama2.Conversion;

/// <summary>Opens a folder of Meta's own release with the vocabulary that belongs to it.</summary>
internal static class MetaCheckpointFolder
{
    /// <summary>Whether a path is such a folder, judging by names only.</summary>
    public static bool IsFolder(string path) => MetaCheckpointFile.IsFolder(path);

    /// <summary>Whether a path is one of the weights files in such a folder, judging by names only.</summary>
    public static bool IsShard(string path) =>
        Path.GetFileName(path) is var name && name.StartsWith("consolidated.", StringComparison.Ordinal) && name.EndsWith(".pth", StringComparison.Ordinal) && IsFolder(ModelFolder.Of(path));

    /// <summary>Opens the folder and checks all of it except the weights. Without a <c>tokenizer.model</c> the metadata have no vocabulary.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="memoryMapped">Maps the shards instead of reading them; <see cref="Memory.MappedFile"/> describes the risk.</param>
    /// <exception cref="ModelFormatException">A file is missing or malformed, or contains anything except a Llama model.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public static IModelFile Open(string folder, bool memoryMapped = false)
    {
        var vocabulary = new Dictionary<string, object>(StringComparer.Ordinal);
        if (MetaCheckpointFile.FindTokenizer(folder) is string tokenizer)
            VocabularyMetadata.Add(vocabulary, TokenizerFile.ReadOwn(tokenizer));
        return MetaCheckpointFile.Open(folder, vocabulary, memoryMapped);
    }
}
