namespace Llama2.Formats.PyTorch;

/// <summary>A dictionary of a pickle, ordered or not. This class always keeps the order of entries.</summary>
internal sealed class PickleDictionary() : OrderedDictionary<string, object?>(StringComparer.Ordinal);
