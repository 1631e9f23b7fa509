using System.Security.Cryptography;
using System.Text;

namespace Llama2.Store;

/// <summary>The description of a model in the store.</summary>
/// <param name="Reference">The model's name, including its file.</param>
/// <param name="Commit">The commit from which the model was pulled.</param>
/// <param name="Type">The kind of the model's files.</param>
/// <param name="Files">The model's files. The first is the one to load.</param>
internal sealed record StoreManifest(LlamaModelReference Reference, string Commit, StoredModelType Type, IReadOnlyList<HubFile> Files)
{
    /// <summary>The size of all files in bytes.</summary>
    public long ByteSize => Files.Sum(file => file.ByteSize);

    /// <summary>Identifies the model in the names of files. It depends only on the model's reference, not on the model's content.</summary>
    public string Id => Digest(Reference.ToString());

    /// <summary>
    /// Identifies the content, and is the name of the folder with the model's files. That folder never contains other content or another model, so a
    /// file that exists there is always the right one.
    /// </summary>
    public string ContentId => Digest(string.Join('\n', Files.Select(file => $"{file.Hash?.Hex} {file.Path}").Prepend(Reference.ToString())));

    /// <summary>Whether a reference refers to this model; the reference may name a file, a quantization or neither.</summary>
    public bool Fits(LlamaModelReference reference) =>
        reference.IsDataset == Reference.IsDataset && reference.Owner == Reference.Owner && reference.Repository == Reference.Repository && reference.Revision == Reference.Revision
        && (Reference.IsDataset ? reference.File is null || reference.File == Reference.File : FitsFile(reference));

    private bool FitsFile(LlamaModelReference reference) =>
        new ModelCandidate(Reference.File!, Type, Files) { Gguf = Type == StoredModelType.Gguf ? GgufName.Parse(Reference.File!) : null }.Fits(reference.File);

    // 128 bits of the hash are enough to prevent collisions, and keep paths short.
    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
