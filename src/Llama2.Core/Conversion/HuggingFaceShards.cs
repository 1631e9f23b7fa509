using System.Text.Json;
using Llama2.Architectures;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Conversion;

/// <summary>
/// The files with the weights of a Hugging Face folder: a single file, or the files that an index names. They are safetensors files or, if the folder
/// has none, PyTorch files.
/// </summary>
internal sealed class HuggingFaceShards : IDisposable
{
    /// <summary>The name of the file if the weights are in a single one, and the name of the index if they are in several.</summary>
    public const string SingleName = "model.safetensors", IndexName = SingleName + IndexSuffix;

    private const string PyTorchSingleName = "pytorch_model.bin", PyTorchIndexName = PyTorchSingleName + IndexSuffix, IndexSuffix = ".index.json";
    private const string SingleReason = "it must contain the weights: it must be a file, or a link to an existing file";
    private const string NumberedReason = "the numbers in the files' names require it: a model needs all of its files, in one folder";
    private const int MaxIndexByteSize = 64 << 20;
    private const int MaxCount = 1024;
    private readonly List<WeightFile> _files = [];
    private readonly Dictionary<string, WeightFile> _filesByTensor = new(StringComparer.Ordinal);

    private HuggingFaceShards()
    {
    }

    /// <summary>The number of files.</summary>
    public int Count => _files.Count;

    public long ByteSize => _files.Sum(file => file.ByteSize);

    /// <summary>When any of the files was last written to.</summary>
    public DateTime? LastWriteTimeUtc => _files.Max(file => file.LastWriteTimeUtc);

    public string FormatName => _files[0].FormatName;

    /// <summary>The tensors in the order of the files, without the prefix that training programs may have put before every name.</summary>
    public IEnumerable<NamedWeight> Weights
    {
        get
        {
            NamedWeight[] weights = [.. _files.SelectMany(file => file.Weights)];
            int length = ModelWrappers.PrefixLength(weights.Select(weight => weight.Name));
            return length == 0 ? weights : weights.Select(weight => weight with { Name = weight.Name[length..] });
        }
    }

    /// <summary>
    /// Opens the files with the weights of a folder: those that an index names, or a single file. As in transformers, PyTorch files are opened only
    /// if there are no safetensors files.
    /// </summary>
    /// <exception cref="ModelFormatException">There are no files, or a file is malformed.</exception>
    public static HuggingFaceShards OpenFolder(string folder, bool memoryMapped)
    {
        return TryOpen(folder, IndexName, SingleName, memoryMapped) ?? TryOpen(folder, PyTorchIndexName, PyTorchSingleName, memoryMapped)
            ?? throw new ModelFormatException(
                folder, null, SingleName, "absent", $"the weights must be in it or in {PyTorchSingleName}, or in files that {IndexName} or {PyTorchIndexName} names" + ModelFolder.Hint(folder));
    }

    /// <summary>
    /// Opens a file with weights. If the folder's index names the file, or if the file's own name states how many files the model has, the model's
    /// other files are opened too.
    /// </summary>
    /// <exception cref="ModelFormatException">A file is malformed, or another file of the model is missing.</exception>
    public static HuggingFaceShards OpenFile(string path, bool memoryMapped)
    {
        string folder = ModelFolder.Of(path), name = Path.GetFileName(path);
        string? index = Array.Find([Path.Combine(folder, IndexName), Path.Combine(folder, PyTorchIndexName)], index => File.Exists(index) && WeightMap(index).ContainsValue(name));
        return index is not null ? Open(index, memoryMapped)
            : NumberedFiles.Find(folder, name) is { } names ? OpenAll(folder, names, NumberedReason, memoryMapped)
            : OpenAll(folder, [name], SingleReason, memoryMapped);
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static HuggingFaceShards? TryOpen(string folder, string indexName, string singleName, bool memoryMapped) =>
        File.Exists(Path.Combine(folder, indexName)) ? Open(Path.Combine(folder, indexName), memoryMapped)
        : File.Exists(Path.Combine(folder, singleName)) ? OpenAll(folder, [singleName], SingleReason, memoryMapped)
        : NumberedFiles.FindFirst(folder, singleName) is { } names ? OpenAll(folder, names, NumberedReason, memoryMapped)
        : null;

    private static HuggingFaceShards Open(string indexPath, bool memoryMapped)
    {
        Dictionary<string, string> map = WeightMap(indexPath);
        HuggingFaceShards shards = OpenAll(ModelFolder.Of(indexPath), [.. map.Values.Distinct().Order(StringComparer.Ordinal)], "the folder's index names it: a model needs all of its files", memoryMapped);
        try
        {
            foreach ((string tensor, string file) in map)
            {
                if ((!shards._filesByTensor.TryGetValue(tensor, out WeightFile? found) || Path.GetFileName(found.Path) != file) && !LlamaTensors.IsRotaryFrequencies(NameSpace.HuggingFace, tensor))
                    throw new ModelFormatException(indexPath, null, $"weight_map.{tensor}", $"'{file}'", "that file does not have the tensor: index and files are of different models");
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

    // The name must not contain the name of a folder, of a drive or of a file's alternate stream. So the index cannot refer to files outside its
    // folder on any operating system.
    private static bool IsBareName(string name) =>
        name.Length is > 0 and <= 255 && name is not ("." or "..") && name.AsSpan().IndexOfAny("/\\:\0") < 0 && !name.AsSpan().ContainsAnyInRange('\u0001', '\u001F');

    // The parameter reason states why the files are needed; the error message for a missing file contains this reason.
    private static HuggingFaceShards OpenAll(string folder, IReadOnlyList<string> names, string reason, bool memoryMapped)
    {
        var shards = new HuggingFaceShards();
        try
        {
            foreach (string name in names)
                shards.Add(Path.Combine(folder, name), reason, memoryMapped);
            return shards;
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    private void Add(string path, string reason, bool memoryMapped)
    {
        WeightFile file = OpenWeights(path, reason, memoryMapped);
        _files.Add(file);
        foreach (NamedWeight weight in file.Weights)
        {
            if (!_filesByTensor.TryAdd(weight.Name, file))
                throw new ModelFormatException(path, weight.EntryOffset, "tensor name", $"'{weight.Name}'", $"'{_filesByTensor[weight.Name].Path}' has a tensor of this name too");
        }
    }

    private static WeightFile OpenWeights(string path, string reason, bool memoryMapped)
    {
        try
        {
            return WeightFile.Open(path, memoryMapped);
        }
        // The file may be a link whose target is missing: the link exists, but cannot be opened.
        catch (Exception exception) when (exception is FileNotFoundException || Directory.Exists(path))
        {
            throw new ModelFormatException(path, null, "file", "absent", reason, exception);
        }
    }
}
