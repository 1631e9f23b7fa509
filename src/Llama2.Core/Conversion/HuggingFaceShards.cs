using System.Text.Json;
using Llama2.Formats;
using Llama2.Formats.SafeTensors;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>The safetensors files of a Hugging Face folder: one, or those that an index names.</summary>
internal sealed class HuggingFaceShards : IDisposable
{
    /// <summary>The file of a folder whose weights are in one, and the index of one whose weights are in several.</summary>
    public const string SingleName = "model.safetensors", IndexName = "model.safetensors.index.json";
    private const int MaxIndexByteSize = 64 << 20;
    private const int MaxCount = 1024;
    private readonly List<SafeTensorsFile> _files = [];
    private readonly Dictionary<string, (SafeTensorsFile File, SafeTensorsEntry Entry)> _tensors = new(StringComparer.Ordinal);

    private HuggingFaceShards()
    {
    }

    /// <summary>How many files there are.</summary>
    public int Count => _files.Count;

    public long ByteSize => _files.Sum(file => file.Source.Length);

    /// <summary>The tensors, each with the file that holds it, in the order of the files.</summary>
    public IEnumerable<(SafeTensorsFile File, SafeTensorsEntry Entry)> Tensors =>
        _files.SelectMany(file => file.Entries.Select(entry => (file, entry)));

    /// <summary>Opens the files of a folder: those of the index, or else <c>model.safetensors</c>.</summary>
    /// <exception cref="ModelFormatException">There are none, or one is malformed.</exception>
    public static HuggingFaceShards OpenFolder(string folder, bool memoryMapped)
    {
        string index = Path.Combine(folder, IndexName), single = Path.Combine(folder, SingleName);
        return File.Exists(index) ? Open(index, memoryMapped)
            : File.Exists(single) ? OpenAll(folder, [SingleName], memoryMapped)
            : throw new ModelFormatException(folder, -1, SingleName, "absent", $"the weights are in it, or in files that {IndexName} names; PyTorch's .bin files are not read");
    }

    /// <summary>Opens a file, and those it belongs to where the folder's index names it.</summary>
    public static HuggingFaceShards OpenFile(string path, bool memoryMapped)
    {
        string folder = ModelFolder.Of(path), index = Path.Combine(folder, IndexName), name = Path.GetFileName(path);
        return File.Exists(index) && WeightMap(index).ContainsValue(name) ? Open(index, memoryMapped) : OpenAll(folder, [name], memoryMapped);
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static HuggingFaceShards Open(string indexPath, bool memoryMapped)
    {
        Dictionary<string, string> map = WeightMap(indexPath);
        HuggingFaceShards shards = OpenAll(ModelFolder.Of(indexPath), [.. map.Values.Distinct().Order(StringComparer.Ordinal)], memoryMapped);
        try
        {
            foreach ((string tensor, string file) in map)
            {
                if (!shards._tensors.TryGetValue(tensor, out var found) || Path.GetFileName(found.File.Source.Path) != file)
                    throw new ModelFormatException(indexPath, -1, $"weight_map.{tensor}", $"'{file}'", "that file does not have the tensor: index and files are of different models");
            }

            return shards;
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    private static Dictionary<string, string> WeightMap(string indexPath)
    {
        JsonFields map = JsonFields.Read(indexPath, MaxIndexByteSize).GetObject("weight_map");
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty member in map.Members)
        {
            string? name = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null;
            if (name is null || !IsBareName(name))
                throw map.Fault(member.Name, member.Value.ToString(), "it must be the bare name of a file in the same folder");
            files.Add(member.Name, name);
        }

        if (files.Values.Distinct().Count() is var count && count is 0 or > MaxCount)
            throw map.Fault("weight_map", Invariant($"{count:N0} files"), Invariant($"1 to {MaxCount:N0} are allowed"));
        return files;
    }

    // Neither a folder nor a drive nor a stream of a file: the index cannot reach out of its folder, on any system.
    private static bool IsBareName(string name) =>
        name.Length is > 0 and <= 255 && name is not ("." or "..") && name.AsSpan().IndexOfAny("/\\:\0") < 0 && !name.AsSpan().ContainsAnyInRange('\u0001', '\u001F');

    private static HuggingFaceShards OpenAll(string folder, IReadOnlyList<string> names, bool memoryMapped)
    {
        var shards = new HuggingFaceShards();
        try
        {
            foreach (string name in names)
                shards.Add(Path.Combine(folder, name), memoryMapped);
            return shards;
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    private void Add(string path, bool memoryMapped)
    {
        SafeTensorsFile file = SafeTensorsFile.Open(OpenSource(path, memoryMapped));
        _files.Add(file);
        foreach (SafeTensorsEntry entry in file.Entries)
        {
            if (!_tensors.TryAdd(entry.Name, (file, entry)))
                throw new ModelFormatException(path, entry.EntryOffset, "tensor name", $"'{entry.Name}'", $"'{_tensors[entry.Name].File.Source.Path}' has it too");
        }
    }

    private static IByteSource OpenSource(string path, bool memoryMapped)
    {
        try
        {
            return ByteSources.Open(path, memoryMapped);
        }
        catch (Exception exception) when (exception is FileNotFoundException || Directory.Exists(path)) // A link to nothing exists, but cannot be opened.
        {
            throw new ModelFormatException(path, -1, "file", "absent", "the folder's index names it: a model needs all of its files", exception);
        }
    }
}
