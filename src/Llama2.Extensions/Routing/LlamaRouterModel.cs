namespace Llama2.Extensions;

/// <summary>A model of a <see cref="LlamaRouter"/> at one moment.</summary>
/// <param name="Name">The name by which requests choose it.</param>
/// <param name="Aliases">Its further names, including the names of the model with one of its adapters.</param>
/// <param name="Adapters">The names of its adapters: <c>name:adapter</c> requests the model with one of them.</param>
/// <param name="IsLoaded">Whether it is loaded.</param>
/// <param name="ByteSize">The memory that is reserved for it in bytes; 0 if it is not loaded.</param>
/// <param name="ActiveCount">The number of leases that have not been disposed.</param>
public sealed record LlamaRouterModel(
    string Name, IReadOnlyList<string> Aliases, IReadOnlyList<string> Adapters, bool IsLoaded, long ByteSize, int ActiveCount);
