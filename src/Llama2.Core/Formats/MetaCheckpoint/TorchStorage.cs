using Llama2.Quantization;

namespace Llama2.Formats.MetaCheckpoint;

/// <summary>Numbers in an entry of a shard's archive, as the pickle claims them.</summary>
/// <param name="Type">Type of the numbers.</param>
/// <param name="Key">Name of the entry below <c>data/</c>.</param>
/// <param name="ElementCount">How many there are.</param>
internal sealed record TorchStorage(GgmlType Type, string Key, long ElementCount);
