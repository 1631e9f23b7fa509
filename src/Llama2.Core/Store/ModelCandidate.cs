using Llama2.Memory;
using static System.FormattableString;

namespace Llama2.Store;

/// <summary>One of the models in a repository. A reference can select it.</summary>
/// <param name="Name">The name by which a reference selects the model: its first file, <c>safetensors</c> or <c>pytorch</c>.</param>
/// <param name="Type">The kind of the model's files.</param>
/// <param name="Files">The model's files. The first is the one to load.</param>
internal sealed record ModelCandidate(string Name, StoredModelType Type, IReadOnlyList<HubFile> Files)
{
    /// <summary>The information in the name of the model's first file; null if the model does not consist of GGUF files.</summary>
    public GgufName? Gguf { get; init; }

    /// <summary>Whether all parts of a split model are present.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>
    /// Whether the file part of a reference selects this model, by the name of one of its files or by its quantization. Null selects every model, but
    /// does not select files of other kinds, such as a tokenizer.
    /// </summary>
    public bool Fits(string? file) =>
        file is null ? Type != StoredModelType.Other : file == Name || (Gguf is not null && (Files.Any(part => part.Path == file) || Gguf.HasQuantization(file)));

    /// <summary>The model's name and size, for a list of models.</summary>
    public string Describe() => Invariant($"{Name} ({ByteSizeText.Needed((long)Files.Sum(file => (double)file.ByteSize))}{(Files.Count > 1 ? Invariant($", {Files.Count} files") : "")})");
}
