namespace Llama2;

/// <summary>A model that was pulled into a store, completely or in part. Immutable and thread-safe.</summary>
public sealed record StoredModel
{
    /// <summary>The name under which it is found, with its file: <c>owner/repository:file</c>.</summary>
    public required LlamaModelReference Reference { get; init; }

    /// <summary>The path to load: the file, the first file of a split one, or the folder of a <see cref="StoredModelType.Safetensors"/> model.</summary>
    public required string Path { get; init; }

    /// <summary>The kind of its files.</summary>
    public required StoredModelType Type { get; init; }

    /// <summary>The size of all its files in bytes.</summary>
    public required long ByteSize { get; init; }

    /// <summary>The commit of the repository that it was pulled from.</summary>
    public required string Commit { get; init; }

    /// <summary>When it was pulled, or last marked as used.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>Whether all its files are present. Files that are present have the hub's hash; the rest is missing after an interrupted pull.</summary>
    public required bool IsComplete { get; init; }
}
