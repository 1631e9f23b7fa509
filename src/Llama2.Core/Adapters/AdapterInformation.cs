using Llama2.Adapters;

namespace Llama2;

/// <summary>The metadata of an adapter, read without its weights and without a model. Immutable and thread-safe.</summary>
public sealed class AdapterInformation
{
    private AdapterInformation(AdapterFile file)
    {
        Path = file.Path;
        FormatName = file.FormatName;
        Name = file.Name;
        Tensors = Array.AsReadOnly([.. file.Pairs.Select(Describe).Concat(file.Replacements.Select(Describe)).OrderBy(tensor => tensor.BaseName, StringComparer.Ordinal)]);
        HasMagnitudes = file.Pairs.Any(pair => pair.Magnitudes is not null);
        TokenCount = file.TokenCount == 0 ? null : file.TokenCount;
        TrainingRecords = Array.AsReadOnly([.. file.TrainingRecords]);
    }

    /// <summary>The file or folder as the caller named it.</summary>
    public string Path { get; }

    /// <summary>The format and its version, such as <c>GGUF v3</c> or <c>PEFT safetensors</c>.</summary>
    public string FormatName { get; }

    /// <summary>The name that a GGUF file states for itself, or the name of a PEFT folder; empty if the GGUF file states no name.</summary>
    public string Name { get; }

    /// <summary>The model tensors that the adapter changes, in the order of their names.</summary>
    public IReadOnlyList<AdapterTensorInformation> Tensors { get; }

    /// <summary>Whether the adapter has a magnitude for each row of a matrix that it changes (DoRA); llama.cpp cannot use such an adapter until it is merged.</summary>
    public bool HasMagnitudes { get; }

    /// <summary>
    /// The number of tokens for which the adapter has whole rows of embeddings or of the output matrix, or the highest id of such a token plus one; null if it has
    /// no such rows. If the model has fewer tokens, the adapter adds tokens to its vocabulary and can only be merged.
    /// </summary>
    public long? TokenCount { get; }

    /// <summary>How the adapter was trained, the oldest training first; empty if the file does not state it.</summary>
    public IReadOnlyList<AdapterTrainingRecord> TrainingRecords { get; }

    /// <summary>The total number of the adapter's own parameters.</summary>
    public long ParameterCount => Tensors.Sum(tensor => tensor.ParameterCount);

    /// <summary>Reads an adapter's metadata and its table of tensors. The file is closed when the call returns.</summary>
    /// <param name="path">A GGUF file, a PEFT folder, or the weights file in such a folder.</param>
    /// <exception cref="ModelFormatException">The file is not a LoRA adapter of a Llama model, or is malformed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <remarks>The method is synchronous because it reads only metadata and no weights, which takes milliseconds.</remarks>
    public static AdapterInformation Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = AdapterFile.Open(path);
        return new AdapterInformation(file);
    }

    private static AdapterTensorInformation Describe(AdapterPair pair)
        => new(pair.BaseName, pair.Rank, pair.Scale, pair.A.RowCount * pair.A.RowLength + pair.B.RowCount * pair.B.RowLength + (pair.Magnitudes?.RowLength ?? 0));

    private static AdapterTensorInformation Describe(Replacement replacement)
        => new(replacement.BaseName, Rank: 0, Scale: 1, replacement.Tensor.RowCount * replacement.Tensor.RowLength) { RowCount = replacement.Rows?.Count };
}
