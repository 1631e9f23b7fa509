namespace Llama2.Formats.PyTorch;

/// <summary>A dict or an OrderedDict of a pickle. This class keeps the order of the entries in both cases.</summary>
internal sealed class PickleDictionary() : OrderedDictionary<string, object?>(StringComparer.Ordinal);
