using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Formats.SafeTensors;

namespace Llama2.Adapters;

/// <summary>An open LoRA adapter. The two tensors of each pair match each other; the caller must check that the pairs fit the model.</summary>
internal sealed class AdapterFile : IDisposable
{
    private readonly IModelFile _file;

    /// <param name="file">The file with the tensors; disposed with this object.</param>
    /// <param name="path">The file or folder as the caller named it.</param>
    /// <param name="formatName">The format and its version.</param>
    /// <param name="name">The name that the adapter states for itself, or "".</param>
    /// <param name="pairs">One pair for each model tensor that the adapter changes.</param>
    /// <param name="copies">Copies of the model's own tensors; null for none.</param>
    public AdapterFile(IModelFile file, string path, string formatName, string name, IEnumerable<AdapterPair> pairs, IReadOnlyList<BaseCopy>? copies = null)
    {
        _file = file;
        Path = path;
        FormatName = formatName;
        Name = name;
        Copies = copies ?? [];
        Pairs = [.. pairs.OrderBy(pair => pair.BaseName, StringComparer.Ordinal)];
        if (Pairs.Count == 0)
        {
            throw new ModelFormatException(path, null, "the number of tensors", "0", "an adapter must change at least one tensor");
        }

        for (int i = 1; i < Pairs.Count; i++)
        {
            if (Pairs[i].BaseName == Pairs[i - 1].BaseName)
            {
                throw Pairs[i].A.Fault($"the model tensor that '{Pairs[i].A.Name}' changes", $"'{Pairs[i].BaseName}'", $"'{Pairs[i - 1].A.Name}' changes the same tensor: the file mixes two adapters");
            }
        }
    }

    public string Path { get; }

    public string FormatName { get; }

    public string Name { get; }

    /// <summary>The pairs, in the order of the names of the tensors that they change.</summary>
    public IReadOnlyList<AdapterPair> Pairs { get; }

    /// <summary>Copies of the model's own tensors in the file; they must be unchanged.</summary>
    public IReadOnlyList<BaseCopy> Copies { get; }

    /// <summary>Opens an adapter in any supported form, which is detected from the content.</summary>
    /// <param name="path">A GGUF file, a PEFT folder, or the weights file in such a folder.</param>
    /// <exception cref="ModelFormatException">The file is malformed, is not an adapter, or uses a feature that this library does not support.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public static AdapterFile Open(string path) =>
        Directory.Exists(path) ? PeftAdapterReader.OpenFolder(path)
        : SafeTensorsFile.IsSafeTensors(path) || WeightFile.IsPyTorch(path) ? PeftAdapterReader.OpenFile(path)
        : OpenGguf(path);

    public void Dispose() => _file.Dispose();

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
