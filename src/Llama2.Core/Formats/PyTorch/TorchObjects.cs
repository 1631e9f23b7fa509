using Llama2.Quantization;

namespace Llama2.Formats.PyTorch;

/// <summary>
/// The Python names that a pickle of torch.save may contain (torch/_utils.py, torch/_tensor.py, torch/serialization.py), and the meaning of each name. All
/// other names are refused, and the names in this list only describe data.
/// </summary>
internal static class TorchObjects
{
    public const string Remedy = "if you trust the file, load it in PyTorch and save its tensors as safetensors";

    // The limit assumes the widest type of number, eight bytes, so that the size of every storage in bytes fits in a long.
    private const long MaxElementCount = long.MaxValue / sizeof(long);

    private static readonly (string Module, string Name, PickleGlobal Global)[] s_globals =
    [
        ("collections", "OrderedDict", PickleGlobal.OrderedDict),
        ("torch._utils", "_rebuild_tensor", PickleGlobal.RebuildTensor),
        ("torch._utils", "_rebuild_tensor_v2", PickleGlobal.RebuildTensor2),
        ("torch._utils", "_rebuild_tensor_v3", PickleGlobal.RebuildTensor3),
        ("torch._utils", "_rebuild_parameter", PickleGlobal.RebuildParameter),
        ("torch._utils", "_rebuild_parameter_with_state", PickleGlobal.RebuildParameterWithState),
        ("torch._tensor", "_rebuild_from_type_v2", PickleGlobal.RebuildFromType),
        ("torch", "Tensor", PickleGlobal.TensorClass),
        ("torch.nn.parameter", "Parameter", PickleGlobal.TensorClass),
    ];

    /// <summary>Returns the meaning of a global: a <see cref="PickleGlobal"/>, or the <see cref="GgmlType"/> of a storage class or dtype.</summary>
    /// <exception cref="ModelFormatException">The global is not in the list; the message states its name.</exception>
    public static object FindGlobal(PickleBytes bytes, string module, string name)
    {
        if (TorchTypes.TryFind(module, name, out GgmlType type))
            return type;
        int index = Array.FindIndex(s_globals, global => global.Module == module && global.Name == name);
        return index >= 0 ? s_globals[index].Global : throw Refuse(bytes, $"{module}.{name}");
    }

    /// <summary>Creates the exception for a global that is refused.</summary>
    public static ModelFormatException Refuse(PickleBytes bytes, string name) =>
        bytes.Fault("global", $"'{name}'", $"only tensors are read, and no code in a pickle is executed; {Remedy}");

    /// <summary>
    /// Returns the storage that a persistent id describes: <c>('storage', type, key, device, element count)</c>, followed by None in files before
    /// PyTorch 1.6.
    /// </summary>
    public static TorchStorage FindStorage(PickleBytes bytes, object? id)
    {
        if (id is object?[] and ["storage", _, string, string, long, object?[]])
            throw bytes.Fault("persistent id", Describe(id), $"it is a view of another storage, which PyTorch has not written since 0.4; {Remedy}");
        return id is object?[] and ["storage", GgmlType type, string key, string, long count, .. object?[] rest] && rest is ([] or [null]) && count is >= 0 and <= MaxElementCount
            ? new TorchStorage(type, key, count)
            : throw bytes.Fault("persistent id", Describe(id), "it must describe a storage: its type such as torch.FloatStorage, its key, its device and its number of elements, which must be no more than a file can hold");
    }

    /// <summary>Performs the operation that the call of a global stands for.</summary>
    public static object Call(PickleBytes bytes, object? function, object? arguments) => (function, arguments) switch
    {
        (PickleGlobal.OrderedDict, object?[] and []) => new PickleDictionary(),
        (PickleGlobal.RebuildTensor, object?[] and [TorchStorage storage, long offset, object?[] shape, object?[] strides]) =>
            CreateTensor(bytes, storage, offset, shape, strides),
        (PickleGlobal.RebuildTensor2, object?[] and [TorchStorage storage, long offset, object?[] shape, object?[] strides, bool, PickleDictionary or null, ..] and { Length: 6 or 7 }) =>
            CreateTensor(bytes, storage, offset, shape, strides),
        (PickleGlobal.RebuildTensor3, object?[] and [TorchStorage storage, long offset, object?[] shape, object?[] strides, bool, PickleDictionary or null, GgmlType type, ..] and { Length: 7 or 8 }) =>
            CreateTensor(bytes, OfType(storage, type), offset, shape, strides),
        (PickleGlobal.RebuildParameter, object?[] and [TorchTensor tensor, bool, PickleDictionary or null]) => tensor,
        (PickleGlobal.RebuildParameterWithState, object?[] and [TorchTensor tensor, bool, PickleDictionary or null, _]) => tensor,
        (PickleGlobal.RebuildFromType, object?[] and [PickleGlobal and not PickleGlobal.RebuildFromType and var rebuild, PickleGlobal.TensorClass, object?[] inner, _]) =>
            Call(bytes, rebuild, inner),
        (PickleGlobal or GgmlType, _) => throw bytes.Fault("call", $"{Kind(function)} with {Describe(arguments)}", "torch.save writes no such call: the pickle is malformed"),
        _ => throw bytes.Fault("call", $"of {Describe(function)}", "only globals can be called: the pickle is malformed"),
    };

    private static TorchTensor CreateTensor(PickleBytes bytes, TorchStorage storage, long offset, object?[] shape, object?[] strides) =>
        new(storage, offset, ToLengths(bytes, shape), ToLengths(bytes, strides), bytes.OpcodeOffset);

    // The storage consists of bytes, and the tensor's type determines their meaning.
    private static TorchStorage OfType(TorchStorage storage, GgmlType type) =>
        storage with { Type = type, ElementCount = storage.ElementCount * GgmlTypes.BlockByteSize(storage.Type) / GgmlTypes.BlockByteSize(type) };

    private static long[] ToLengths(PickleBytes bytes, object?[] values)
    {
        // No weight has as many as eight dimensions; the reader of the checkpoint accepts one or two.
        if (values.Length > 8 || !values.All(value => value is long))
            throw bytes.Fault("shape or strides of a tensor", Describe(values), "they must be at most 8 integers");
        return Array.ConvertAll(values, value => (long)value!);
    }

    // The elements of a tuple are described by their kinds only, because a tuple may contain itself.
    private static string Describe(object? value) =>
        value is object?[] tuple ? $"({string.Join(", ", tuple.Take(8).Select(Kind))}{(tuple.Length > 8 ? ", …" : "")})" : Kind(value);

    private static string Kind(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => FormattableString.Invariant($"{number}"),
        string text => $"'{(text.Length <= 40 ? text : text[..40])}'",
        object?[] tuple => $"a tuple of {tuple.Length}",
        PickleGlobal global => Array.Find(s_globals, entry => entry.Global == global) is var entry ? $"{entry.Module}.{entry.Name}" : "",
        GgmlType type => $"the type {type}",
        PickleDictionary => "a dictionary",
        TorchStorage => "a storage",
        TorchTensor => "a tensor",
        List<object?> => "a list",
        _ => "a number",
    };
}
