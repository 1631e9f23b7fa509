namespace Llama2.Formats.PyTorch;

/// <summary>The content of a file that torch.save wrote, in a form that is the same for both kinds of container.</summary>
/// <param name="Value">The value of the pickle.</param>
/// <param name="PickleOffset">File offset of the pickle, for error messages.</param>
/// <param name="Storages">The file range of each storage by its key; all ranges are within the file and do not overlap.</param>
internal sealed record TorchContent(object? Value, long PickleOffset, IReadOnlyDictionary<string, ByteRange> Storages);
