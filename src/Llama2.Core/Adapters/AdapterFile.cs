using Llama2.Architectures;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Formats.SafeTensors;
using Llama2.Tokenization;

namespace Llama2.Adapters;

/// <summary>An open adapter: changes of low rank (LoRA), and tensors that replace those of the model. The two tensors of each pair match each other; the caller must check that everything fits the model.</summary>
internal sealed class AdapterFile : IDisposable
{
    private readonly IModelFile _file;

    /// <param name="file">The file with the tensors; disposed with this object.</param>
    /// <param name="path">The file or folder as the caller named it.</param>
    /// <param name="formatName">The format and its version.</param>
    /// <param name="name">The name that the adapter states for itself, or "".</param>
    /// <param name="pairs">One pair for each model tensor that the adapter changes by low rank.</param>
    public AdapterFile(IModelFile file, string path, string formatName, string name, IEnumerable<AdapterPair> pairs)
    {
        _file = file;
        Path = path;
        FormatName = formatName;
        Name = name;
        Pairs = [.. pairs.OrderBy(pair => pair.BaseName, StringComparer.Ordinal)];
    }

    public string Path { get; }

    public string FormatName { get; }

    public string Name { get; }

    /// <summary>The pairs, in the order of the names of the tensors that they change.</summary>
    public IReadOnlyList<AdapterPair> Pairs { get; }

    /// <summary>Copies of the model's own tensors in the file; they must be unchanged, except for rows of new tokens.</summary>
    public IReadOnlyList<BaseCopy> Copies { get; init; } = [];

    /// <summary>Tensors that replace whole tensors of the model, or some rows of them, in the order of the names of those tensors.</summary>
    public IReadOnlyList<Replacement> Replacements { get; init => field = [.. value.OrderBy(replacement => replacement.BaseName, StringComparer.Ordinal)]; } = [];

    /// <summary>How the adapter was trained, the oldest training first; empty if the file does not state it.</summary>
    public IReadOnlyList<AdapterTrainingRecord> TrainingRecords { get; init; } = [];

    /// <summary>
    /// Extends the vocabulary of a model to a number of tokens, and returns the chat template that uses the new tokens, or null. Throws <see
    /// cref="ModelFormatException"/> if the adapter does not name the new tokens.
    /// </summary>
    public required Func<Vocabulary, int, (Vocabulary Vocabulary, string? ChatTemplate)> ExtendVocabulary { get; init; }

    /// <summary>
    /// The number of tokens for which the adapter has rows in a whole embedding table or output matrix; with rows of single tokens, at least the highest id plus
    /// one. 0 if it has none of these.
    /// </summary>
    public long TokenCount => Replacements.Select(replacement => (replacement.BaseName, RowCount: replacement.MinRowCount))
        .Concat(Copies.Select(copy => (copy.BaseName, copy.Tensor.RowCount)))
        .Where(whole => whole.BaseName == LlamaTensors.TokenEmbedding.Name() || whole.BaseName == LlamaTensors.Output.Name())
        .Max(whole => (long?)whole.RowCount) ?? 0;

    /// <summary>
    /// The tensors that replace those of a model. If its output matrix shares the embeddings, rows that replace those of the embeddings also replace
    /// those of the output matrix, as in PEFT.
    /// </summary>
    /// <param name="isOutputTied">Whether the output matrix shares the embeddings.</param>
    public IEnumerable<Replacement> ReplacementsOf(bool isOutputTied)
    {
        Replacement? shared = isOutputTied && !Replacements.Any(replacement => replacement.BaseName == LlamaTensors.Output.Name())
            ? Replacements.FirstOrDefault(replacement => replacement.Rows is not null && replacement.BaseName == LlamaTensors.TokenEmbedding.Name())
            : null;
        return shared is null ? Replacements : Replacements.Append(shared with { BaseName = LlamaTensors.Output.Name() });
    }

    /// <summary>Opens an adapter in any supported form, which is detected from the content.</summary>
    /// <param name="path">A GGUF file, a PEFT folder, or the weights file in such a folder.</param>
    /// <exception cref="ModelFormatException">The file is malformed, is not an adapter, or uses a feature that this library does not support.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public static AdapterFile Open(string path) =>
        Directory.Exists(path) ? PeftAdapterReader.OpenFolder(path)
        : SafeTensorsFile.IsSafeTensors(path) || WeightFile.IsPyTorch(path) ? PeftAdapterReader.OpenFile(path)
        : OpenGguf(path);

    /// <summary>
    /// Whether the adapter states that it was trained with a model other than the given one, or another quantization of it. False if the file does not
    /// say with which model it was trained.
    /// </summary>
    public bool IsTrainedOnOther(ModelFingerprint model)
        => TrainingRecords is [.., var last] && !model.Matches(last.BaseFingerprint) && last.BaseNormFingerprint != model.NormValue;

    public void Dispose() => _file.Dispose();

    /// <summary>Checks that the file changes something, and that no tensor of the model is changed twice.</summary>
    /// <returns>This object.</returns>
    /// <exception cref="ModelFormatException">The file has no tensors, or two for one tensor of the model.</exception>
    public AdapterFile Checked()
    {
        if (Pairs.Count + Replacements.Count == 0)
        {
            throw new ModelFormatException(Path, null, "the number of tensors", "0", "an adapter must change at least one tensor");
        }

        var changed = new Dictionary<string, AdapterTensor>(StringComparer.Ordinal);
        foreach ((string name, AdapterTensor tensor) in Pairs.Select(pair => (pair.BaseName, pair.A)).Concat(Replacements.Select(replacement => (replacement.BaseName, replacement.Tensor))))
        {
            if (!changed.TryAdd(name, tensor))
            {
                throw tensor.Fault($"the model tensor that '{tensor.Name}' changes", $"'{name}'", $"'{changed[name].Name}' changes the same tensor: the file mixes two adapters");
            }
        }

        return this;
    }

    private static AdapterFile OpenGguf(string path)
    {
        var file = GgufFile.Open(path);
        try
        {
            return GgufAdapterReader.Read(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
