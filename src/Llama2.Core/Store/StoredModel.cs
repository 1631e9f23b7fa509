namespace Llama2;

/// <summary>A model that was pulled into a store, or that is not there whole yet. Immutable and thread-safe.</summary>
public sealed record StoredModel
{
    /// <summary>The name under which it is found, with its file: <c>owner/repository:file</c>.</summary>
    public required LlamaModelReference Reference { get; init; }

    /// <summary>The path to load: the file, the first file of a split one, or the folder of a <see cref="StoredModelType.Safetensors"/> model.</summary>
    public required string Path { get; init; }

    /// <summary>What it is made of.</summary>
    public required StoredModelType Type { get; init; }

    /// <summary>Bytes of all its files.</summary>
    public required long ByteSize { get; init; }

    /// <summary>The commit of the repository that it was pulled from.</summary>
    public required string Commit { get; init; }

    /// <summary>When it was pulled, or marked as used since.</summary>
    public required DateTimeOffset LastUsed { get; init; }

    /// <summary>Whether all its files are there. What is there has the hub's hash; a pull that was interrupted lacks the rest.</summary>
    public required bool IsComplete { get; init; }
}
