using Llama2.Memory;
using static System.FormattableString;

namespace Llama2.Store;

/// <summary>A model in a repository.</summary>
/// <param name="Name">The model's name in a reference: its first file, or <c>safetensors</c>.</param>
/// <param name="Type">The kind of its files.</param>
/// <param name="Files">The model's files, the one to load first.</param>
internal sealed record ModelCandidate(string Name, StoredModelType Type, IReadOnlyList<HubFile> Files)
{
    /// <summary>The information in its name, if it consists of GGUF files.</summary>
    public GgufName? Gguf { get; init; }

    /// <summary>Whether all parts of a split model are present.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>
    /// Whether this is the model that the file part of a reference selects, by the name of one of its files or by its quantization. Null selects any
    /// model, but no other file, such as a tokenizer's.
    /// </summary>
    public bool Fits(string? file) =>
        file is null ? Type != StoredModelType.Other : file == Name || (Gguf is not null && (Files.Any(part => part.Path == file) || Gguf.HasQuantization(file)));

    /// <summary>Name and size, for a list.</summary>
    public string Describe() => Invariant($"{Name} ({ByteSizeText.Needed((long)Files.Sum(file => (double)file.ByteSize))}{(Files.Count > 1 ? Invariant($", {Files.Count} files") : "")})");
}
