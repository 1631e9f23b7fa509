namespace Llama2.Formats.PyTorch;

/// <summary>The content of a file of torch.save, whichever container it has.</summary>
/// <param name="Value">What the pickle stands for.</param>
/// <param name="PickleOffset">File offset of the pickle, for error messages.</param>
/// <param name="Storages">The bytes of each storage by its key; they lie in the file and do not overlap.</param>
internal sealed record TorchContent(object? Value, long PickleOffset, IReadOnlyDictionary<string, ByteRange> Storages);
