using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Llama2.Architectures;
using Llama2.Formats.PyTorch;
using static System.FormattableString;

namespace Llama2.Formats.MetaCheckpoint;

/// <summary>
/// A folder in the form in which Meta released Llama 1 and 2: <c>params.json</c>, and the weights in the shards <c>consolidated.00.pth</c>,
/// <c>consolidated.01.pth</c> and so on. Each process of the model-parallel training wrote one shard. The folder is read like one GGUF file: the
/// shards are combined when rows are read. No code in the pickles is executed. Thread-safe.
/// </summary>
internal sealed class MetaCheckpointFile : IModelFile
{
    private const string ParametersName = "params.json";
    private const string TokenizerName = "tokenizer.model";
    private const int MaxShardCount = 64;

    private readonly TorchFile[] _shards;
    private readonly TensorDescription[] _tensors;
    private readonly Dictionary<string, MergedTensor> _tensorsByName;

    private MetaCheckpointFile(string folder, TorchFile[] shards, MetaParameters parameters, IReadOnlyDictionary<string, object> vocabulary)
    {
        Path = folder;
        _shards = shards;
        ByteSize = shards.Sum(shard => shard.Source.Length);
        IReadOnlyList<MergedTensor> tensors = new ShardMerger(folder, shards).Merge(parameters);
        _tensors = [.. tensors.Select(tensor => tensor.Description)];
        _tensorsByName = tensors.ToDictionary(tensor => tensor.Description.Name, StringComparer.Ordinal);
        Metadata = Describe(parameters, vocabulary);
    }

    public string Path { get; }

    public string FormatName => Invariant($"Meta checkpoint of {_shards.Length} {(_shards.Length == 1 ? "shard" : "shards")}");

    public long ByteSize { get; }

    public DateTime? LastWriteTimeUtc => _shards.Max(shard => shard.Source.LastWriteTimeUtc);

    public IReadOnlyDictionary<string, object> Metadata { get; }

    public IReadOnlyList<TensorDescription> Tensors => _tensors;

    /// <summary>Whether a path is a folder in this form: it contains a <c>params.json</c> and a <c>consolidated.NN.pth</c>.</summary>
    public static bool IsFolder(string path) => File.Exists(System.IO.Path.Combine(path, ParametersName)) && ShardPaths(path).Length > 0;

    /// <summary>The file name of a shard.</summary>
    public static string ShardName(int index) => string.Create(CultureInfo.InvariantCulture, $"consolidated.{index:00}.pth");

    /// <summary>
    /// The path of the vocabulary's file; null if there is none. The file is in the folder, or in the folder's parent, where Meta's download script puts it.
    /// </summary>
    public static string? FindTokenizer(string folder)
    {
        string[] places = [System.IO.Path.Combine(folder, TokenizerName), System.IO.Path.Combine(folder, "..", TokenizerName)];
        return Array.Find(places, File.Exists);
    }

    /// <summary>Opens a folder and checks everything in it except the values of the weights.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="vocabulary">
    /// The vocabulary as metadata of GGUF (<c>tokenizer.ggml.*</c>), from the file that <see cref="FindTokenizer"/> finds; may be empty.
    /// </param>
    /// <param name="memoryMapped">
    /// True to map the shards into memory instead of reading them; <see cref="Memory.MappedFile"/> describes the risk.
    /// </param>
    /// <exception cref="ModelFormatException">A file is missing or malformed, or contains anything except tensors of a Llama model.</exception>
    /// <exception cref="IOException">A file cannot be opened or read.</exception>
    public static MetaCheckpointFile Open(string folder, IReadOnlyDictionary<string, object> vocabulary, bool memoryMapped = false)
    {
        MetaParameters parameters = ReadParameters(folder);
        string[] paths = ShardPaths(folder);
        CheckNumbering(folder, paths);
        var shards = new List<TorchFile>(paths.Length);
        try
        {
            foreach (string path in paths)
                shards.Add(TorchFile.Open(memoryMapped ? new MappedByteSource(path) : new FileByteSource(path)));
            return new MetaCheckpointFile(folder, [.. shards], parameters, vocabulary);
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorDescription? tensor)
    {
        tensor = _tensorsByName.GetValueOrDefault(name)?.Description;
        return tensor is not null;
    }

    // The metadata come from two files, so no offset in one file can be stated.
    public long? MetadataOffset(string key) => null;

    public void Read(TensorDescription tensor, long byteOffset, Span<byte> destination)
    {
        if (!_tensorsByName.TryGetValue(tensor.Name, out MergedTensor? own) || !ReferenceEquals(own.Description, tensor))
            throw new ArgumentException($"Tensor '{tensor.Name}' is not one of '{Path}'.", nameof(tensor));

        if ((ulong)byteOffset > (ulong)tensor.ByteSize || (ulong)destination.Length > (ulong)(tensor.ByteSize - byteOffset))
        {
            throw new ArgumentOutOfRangeException(
                nameof(byteOffset), byteOffset,
                $"{destination.Length} bytes from this offset on are not all within tensor '{tensor.Name}' of {tensor.ByteSize} bytes.");
        }

        own.Read(byteOffset, destination);
    }

    public void Dispose() => Array.ForEach(_shards, shard => shard.Dispose());

    private static MetaParameters ReadParameters(string folder)
    {
        using var source = new FileByteSource(System.IO.Path.Combine(folder, ParametersName));
        return MetaParameters.Read(source);
    }

    private static string[] ShardPaths(string folder)
    {
        string[] paths = Directory.Exists(folder) ? Directory.GetFiles(folder, "consolidated.*.pth") : [];
        Array.Sort(paths, StringComparer.Ordinal);
        return paths;
    }

    private static void CheckNumbering(string folder, string[] paths)
    {
        if (paths.Length is 0 or > MaxShardCount)
            throw new ModelFormatException(folder, null, "number of shards", $"{paths.Length}", $"there must be 1 to {MaxShardCount} files, named '{ShardName(0)}' and so on");
        for (int i = 0; i < paths.Length; i++)
        {
            if (System.IO.Path.GetFileName(paths[i]) != ShardName(i))
                throw new ModelFormatException(folder, null, Invariant($"shard {i}"), $"'{System.IO.Path.GetFileName(paths[i])}'", $"'{ShardName(i)}' is missing");
        }
    }

    private static OrderedDictionary<string, object> Describe(MetaParameters parameters, IReadOnlyDictionary<string, object> vocabulary)
    {
        ModelArchitecture architecture = MetaParameters.Architecture;
        ModelDimensions dimensions = parameters.DimensionsFor(parameters.VocabularySize);
        OrderedDictionary<string, object> metadata = ModelMetadata.Create(architecture, name: null, parameters.ContextLength, dimensions, parameters.NormEpsilon);
        metadata[architecture.Keys.RopeTheta] = parameters.RopeTheta;
        metadata[architecture.Keys.RopeDimensionCount] = ModelMetadata.Count(dimensions.HeadLength);
        foreach ((string key, object value) in vocabulary)
        {
            metadata[key] = value;
        }

        return metadata;
    }
}
