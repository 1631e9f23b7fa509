using System.Security.Cryptography;
using System.Text;

namespace Llama2.Store;

/// <summary>What a model in the store consists of.</summary>
/// <param name="Reference">Its name, with its file.</param>
/// <param name="Commit">The commit that it is of.</param>
/// <param name="Type">What it is made of.</param>
/// <param name="Files">Its files, the one to load first.</param>
internal sealed record StoreManifest(LlamaModelReference Reference, string Commit, StoredModelType Type, IReadOnlyList<HubFile> Files)
{
    /// <summary>Bytes of all files.</summary>
    public long ByteSize => Files.Sum(file => file.ByteSize);

    /// <summary>Names the model in file names; the same whatever its content.</summary>
    public string Id => Digest(Reference.ToString());

    /// <summary>Names the content: a folder of this name never holds other bytes, nor another model's, so that a file which is there is the right one.</summary>
    public string ContentId => Digest(string.Join('\n', Files.Select(file => $"{file.Hash?.Hex} {file.Path}").Prepend(Reference.ToString())));

    /// <summary>Whether a reference, which may have no file or a quantization, means this model.</summary>
    public bool Fits(LlamaModelReference reference) =>
        reference.Owner == Reference.Owner && reference.Repository == Reference.Repository && reference.Revision == Reference.Revision
        && new ModelCandidate(Reference.File!, Type, Files) { Gguf = Type == StoredModelType.Gguf ? GgufName.Parse(Reference.File!) : null }.Fits(reference.File);

    // 128 bits: nobody finds two models of one name, and paths stay short.
    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
