using Llama2.Quantization;

namespace Llama2.Formats.MetaCheckpoint;

/// <summary>What the names in a pickle of torch.save stand for (torch/_utils.py, torch/serialization.py): a closed list, all of it data.</summary>
internal static class TorchObjects
{
    public const string Remedy = "if you trust the file, load it in PyTorch and save its tensors as safetensors";

    // In the order of PickleGlobal.
    private static readonly (string Module, string Name)[] _globals =
    [
        ("collections", "OrderedDict"), ("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_parameter"),
        ("torch", "FloatStorage"), ("torch", "HalfStorage"), ("torch", "BFloat16Storage"),
    ];

    /// <summary>The global of this name, if it is one of the list.</summary>
    /// <exception cref="ModelFormatException">It is any other; the message has its name.</exception>
    public static PickleGlobal FindGlobal(PickleBytes bytes, string module, string name)
    {
        int index = Array.IndexOf(_globals, (module, name));
        return index >= 0 ? (PickleGlobal)index : throw Refuse(bytes, $"{module}.{name}");
    }

    /// <summary>Composes the refusal of a name.</summary>
    public static ModelFormatException Refuse(PickleBytes bytes, string name) => bytes.Fault(
        "global", $"'{name}'", $"only tensors of 16- and 32-bit floating-point numbers are read, and nothing of a pickle is run; {Remedy}");

    /// <summary>A storage by its persistent id: <c>('storage', type, key, device, element count)</c>.</summary>
    public static TorchStorage FindStorage(PickleBytes bytes, object? id) =>
        id is object?[] and ["storage", PickleGlobal type, string key, string, long count] && count >= 0
            ? new TorchStorage(ToType(bytes, type), key, count)
            : throw bytes.Fault("persistent id", Describe(id), "it must name a storage: its type, key, device and number of elements");

    /// <summary>Does what a call of a global stands for.</summary>
    public static object Call(PickleBytes bytes, object? function, object? arguments) => (function, arguments) switch
    {
        (PickleGlobal.OrderedDict, object?[] and []) => new PickleDictionary(),
        (PickleGlobal.RebuildTensor, object?[] and [TorchStorage storage, long offset, object?[] shape, object?[] strides, bool, PickleDictionary, ..] and { Length: 6 or 7 }) =>
            new TorchTensor(storage, offset, ToLengths(bytes, shape), ToLengths(bytes, strides), bytes.OpcodeOffset),
        (PickleGlobal.RebuildParameter, object?[] and [TorchTensor tensor, bool, PickleDictionary]) => tensor,
        (PickleGlobal global, _) => throw bytes.Fault("call", $"{Name(global)} with {Describe(arguments)}", "torch.save writes no such call: the pickle is malformed"),
        _ => throw bytes.Fault("call", $"of {Describe(function)}", "only a global is called: the pickle is malformed"),
    };

    private static GgmlType ToType(PickleBytes bytes, PickleGlobal global) => global switch
    {
        PickleGlobal.FloatStorage => GgmlType.F32,
        PickleGlobal.HalfStorage => GgmlType.F16,
        PickleGlobal.BFloat16Storage => GgmlType.BF16,
        _ => throw bytes.Fault("type of a storage", Name(global), "it must be torch.FloatStorage, torch.HalfStorage or torch.BFloat16Storage"),
    };

    private static long[] ToLengths(PickleBytes bytes, object?[] values)
    {
        // Eight dimensions are more than any weight has; the reader of the checkpoint takes one or two.
        if (values.Length > 8 || !values.All(value => value is long))
            throw bytes.Fault("shape or strides of a tensor", Describe(values), "they are at most 8 integers");
        return Array.ConvertAll(values, value => (long)value!);
    }

    private static string Name(PickleGlobal global) => $"{_globals[(int)global].Module}.{_globals[(int)global].Name}";

    // A tuple's parts by their kinds only: it may hold itself.
    private static string Describe(object? value) =>
        value is object?[] tuple ? $"({string.Join(", ", tuple.Take(8).Select(Kind))}{(tuple.Length > 8 ? ", …" : "")})" : Kind(value);

    private static string Kind(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => FormattableString.Invariant($"{number}"),
        string text => $"'{(text.Length <= 40 ? text : text[..40])}'",
        object?[] tuple => $"a tuple of {tuple.Length}",
        PickleGlobal global => Name(global),
        PickleDictionary => "a dictionary",
        TorchStorage => "a storage",
        TorchTensor => "a tensor",
        List<object?> => "a list",
        _ => "a number",
    };
}
