using Llama2.Memory;
using static System.FormattableString;

namespace Llama2.Store;

/// <summary>A model that a repository has.</summary>
/// <param name="Name">What a reference calls it: its first file, or <c>safetensors</c>.</param>
/// <param name="Type">What it is made of.</param>
/// <param name="Files">Its files, the one to load first.</param>
internal sealed record ModelCandidate(string Name, StoredModelType Type, IReadOnlyList<HubFile> Files)
{
    /// <summary>What its name says, if it is of GGUF files.</summary>
    public GgufName? Gguf { get; init; }

    /// <summary>Whether all parts of a split one are there.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>Whether it is what a reference's file names: one of its files, or its quantization; null names every model, but no file that is none.</summary>
    public bool Fits(string? file) =>
        file is null ? Type != StoredModelType.Other : file == Name || (Gguf is not null && (Files.Any(part => part.Path == file) || Gguf.HasQuantization(file)));

    /// <summary>Name and size, for a list.</summary>
    public string Describe() => Invariant($"{Name} ({ByteSizeText.Needed((long)Files.Sum(file => (double)file.ByteSize))}{(Files.Count > 1 ? Invariant($", {Files.Count} files") : "")})");
}
