namespace Llama2.Formats.PyTorch;

/// <summary>The number types of PyTorch by their names in pickles. Such a name is the class of a storage or, since version 1.6, a dtype.</summary>
internal static class TorchTypes
{
    // GGML has no unsigned types and no Boolean type. Tensors of these types are described with another type of the same size. Only the size matters,
    // because nothing is computed with such tensors.
    private static readonly Dictionary<(string Module, string Name), GgmlType> s_types = new()
    {
        [("torch", "FloatStorage")] = GgmlType.F32,
        [("torch", "HalfStorage")] = GgmlType.F16,
        [("torch", "BFloat16Storage")] = GgmlType.BF16,
        [("torch", "DoubleStorage")] = GgmlType.F64,
        [("torch", "LongStorage")] = GgmlType.I64,
        [("torch", "IntStorage")] = GgmlType.I32,
        [("torch", "ShortStorage")] = GgmlType.I16,
        [("torch", "CharStorage")] = GgmlType.I8,
        [("torch", "ByteStorage")] = GgmlType.I8,
        [("torch", "BoolStorage")] = GgmlType.I8,
        [("torch.storage", "UntypedStorage")] = GgmlType.I8,
        [("torch", "float32")] = GgmlType.F32,
        [("torch", "float16")] = GgmlType.F16,
        [("torch", "bfloat16")] = GgmlType.BF16,
        [("torch", "float64")] = GgmlType.F64,
        [("torch", "int64")] = GgmlType.I64,
        [("torch", "int32")] = GgmlType.I32,
        [("torch", "int16")] = GgmlType.I16,
        [("torch", "int8")] = GgmlType.I8,
        [("torch", "uint8")] = GgmlType.I8,
        [("torch", "bool")] = GgmlType.I8,
    };

    /// <summary>
    /// Finds the number type for a name. Returns false unless the name is a storage class or a dtype of PyTorch for numbers that a checkpoint may
    /// contain.
    /// </summary>
    public static bool TryFind(string module, string name, out GgmlType type) => s_types.TryGetValue((module, name), out type);
}
