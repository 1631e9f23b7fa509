namespace Llama2.Formats.PyTorch;

/// <summary>A dictionary of a pickle, ordered or not: here each keeps the order of its entries.</summary>
internal sealed class PickleDictionary() : OrderedDictionary<string, object?>(StringComparer.Ordinal);
