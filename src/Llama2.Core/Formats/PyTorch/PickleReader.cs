using static System.FormattableString;

namespace Llama2.Formats.PyTorch;

/// <summary>
/// Reads a pickle of tensors as torch.save writes it (pickletools.py, protocols 2 to 5): numbers, strings, tuples, lists, dictionaries and the
/// globals of <see cref="PickleGlobal"/>. A pickle is a program for a stack machine, but this reader executes no Python code: any other global, call
/// or object is refused, and the error message names it. The number of opcodes is limited, and so are the sizes of the stack and the memo.
/// </summary>
internal sealed class PickleReader
{
    // The pickle of each shard of Llama 2 70B has about 24,000 opcodes in 70 KB. One opcode allocates at most about 100 bytes.
    private const int MaxOpcodeCount = 131_072;
    private const int MaxStackDepth = 16_384;
    private const int MaxMemoCount = 65_536;
    private const int MaxProtocol = 5;

    private readonly PickleBytes _bytes;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<int, object?> _memo = [];

    private readonly ICollection<TorchStorage>? _storages;

    private PickleReader(PickleBytes bytes, ICollection<TorchStorage>? storages)
    {
        _bytes = bytes;
        _storages = storages;
    }

    /// <summary>Reads a pickle that takes up all of the given bytes, and returns its value.</summary>
    /// <returns>
    /// Null, a bool, long, double, string, <c>object?[]</c> (a tuple), <c>List&lt;object?&gt;</c>, <see cref="PickleDictionary"/>,
    /// <see cref="PickleGlobal"/>, <see cref="GgmlType"/>, <see cref="TorchStorage"/> or <see cref="TorchTensor"/>.
    /// </returns>
    /// <exception cref="ModelFormatException">The pickle is malformed, or contains an object of another type.</exception>
    public static object? Read(byte[] pickle, string path, long origin)
    {
        var bytes = new PickleBytes(pickle, path, origin);
        object? value = ReadNext(bytes);
        return bytes.BytesLeft == 0 ? value : throw bytes.Fault("end of the pickle", Invariant($"{bytes.BytesLeft:N0} bytes before the end of its data"), "nothing may follow it");
    }

    /// <summary>Reads one of several consecutive pickles.</summary>
    /// <param name="bytes">The bytes, positioned at the start of the pickle; afterwards, they are positioned at its end.</param>
    /// <param name="storages">If not null, receives every storage that the pickle names, once for each time it is named.</param>
    /// <exception cref="ModelFormatException">See <see cref="Read"/>.</exception>
    public static object? ReadNext(PickleBytes bytes, ICollection<TorchStorage>? storages = null) => new PickleReader(bytes, storages).Run();

    private object? Run()
    {
        for (int count = 0; count < MaxOpcodeCount; count++)
        {
            PickleOpcode opcode = _bytes.ReadOpcode();
            if (opcode == PickleOpcode.Stop)
                return End();
            Execute(opcode);
        }

        throw _bytes.Fault("number of opcodes", "too large", Invariant($"at most {MaxOpcodeCount:N0} are allowed"));
    }

    private object? End()
    {
        object? result = Pop();
        if (_stack.Count != 0 || _marks.Count != 0)
            throw _bytes.Fault("stack at the end", Invariant($"{_stack.Count:N0} values deep"), "a pickle must end with exactly one value");
        return result;
    }

    private void Execute(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto: CheckProtocol(_bytes.ReadByte()); break;
            case PickleOpcode.Frame: CheckFrame(_bytes.ReadUInt64()); break;
            case PickleOpcode.None: Push(null); break;
            case PickleOpcode.NewTrue: Push(true); break;
            case PickleOpcode.NewFalse: Push(false); break;
            case PickleOpcode.BinInt: Push((long)_bytes.ReadInt32()); break;
            case PickleOpcode.BinInt1: Push((long)_bytes.ReadByte()); break;
            case PickleOpcode.BinInt2: Push((long)_bytes.ReadUInt16()); break;
            case PickleOpcode.Long1: Push(_bytes.ReadInteger(_bytes.ReadByte())); break;
            case PickleOpcode.Long4: Push(_bytes.ReadInteger(_bytes.ReadInt32())); break;
            case PickleOpcode.BinFloat: Push(_bytes.ReadBigEndianDouble()); break;
            case PickleOpcode.BinUnicode: Push(_bytes.ReadString(_bytes.ReadInt32())); break;
            case PickleOpcode.ShortBinUnicode: Push(_bytes.ReadString(_bytes.ReadByte())); break;
            case PickleOpcode.BinUnicode8: Push(_bytes.ReadString((long)_bytes.ReadUInt64())); break;
            case PickleOpcode.EmptyTuple: Push(Array.Empty<object?>()); break;
            case PickleOpcode.Tuple1: Push(PopMany(1)); break;
            case PickleOpcode.Tuple2: Push(PopMany(2)); break;
            case PickleOpcode.Tuple3: Push(PopMany(3)); break;
            case PickleOpcode.Tuple: Push(PopToMark()); break;
            case PickleOpcode.EmptyList: Push(new List<object?>()); break;
            case PickleOpcode.Append: Append([Pop()]); break;
            case PickleOpcode.Appends: Append(PopToMark()); break;
            case PickleOpcode.EmptyDict: Push(new PickleDictionary()); break;
            case PickleOpcode.SetItem: SetItems(PopMany(2)); break;
            case PickleOpcode.SetItems: SetItems(PopToMark()); break;
            case PickleOpcode.Mark: Mark(); break;
            case PickleOpcode.BinPut: Memoize(_bytes.ReadByte()); break;
            case PickleOpcode.LongBinPut: Memoize(_bytes.ReadInt32()); break;
            case PickleOpcode.Memoize: Memoize(_memo.Count); break;
            case PickleOpcode.BinGet: Push(Recall(_bytes.ReadByte())); break;
            case PickleOpcode.LongBinGet: Push(Recall(_bytes.ReadInt32())); break;
            case PickleOpcode.Global: Push(TorchObjects.FindGlobal(_bytes, _bytes.ReadLine(), _bytes.ReadLine())); break;
            case PickleOpcode.StackGlobal: Push(FindStackGlobal()); break;
            case PickleOpcode.BinPersId: PushStorage(); break;
            case PickleOpcode.Reduce: Reduce(); break;
            case PickleOpcode.Build: DropState(); break;
            case PickleOpcode.Inst: throw TorchObjects.Refuse(_bytes, $"{_bytes.ReadLine()}.{_bytes.ReadLine()}");
            default: throw _bytes.Fault("opcode", Name(opcode), $"pickles of tensors do not contain it; {TorchObjects.Remedy}");
        }
    }

    private void CheckProtocol(int protocol)
    {
        if (protocol is < 2 or > MaxProtocol)
            throw _bytes.Fault("protocol", Invariant($"{protocol}"), Invariant($"only 2 to {MaxProtocol} are supported; {TorchObjects.Remedy}"));
    }

    // A frame only states how many bytes can be read at once, so nothing but its length is checked.
    private void CheckFrame(ulong byteCount)
    {
        if (byteCount > (ulong)_bytes.BytesLeft)
            throw _bytes.Fault("frame", Invariant($"{byteCount:N0} bytes long"), Invariant($"{_bytes.BytesLeft:N0} are left: the pickle is cut short"));
    }

    private object FindStackGlobal()
    {
        object?[] names = PopMany(2);
        return names is [string module, string name]
            ? TorchObjects.FindGlobal(_bytes, module, name)
            : throw _bytes.Fault("name of a global", "not a string", "module and name must be strings: the pickle is malformed");
    }

    private void PushStorage()
    {
        TorchStorage storage = TorchObjects.FindStorage(_bytes, Pop());
        _storages?.Add(storage);
        Push(storage);
    }

    // A module's state_dict() is an OrderedDict with a Python attribute, _metadata, which contains the versions of the modules and is not used.
    private void DropState()
    {
        object? state = Pop();
        if (state is not PickleDictionary { Count: 1 } attributes || !attributes.ContainsKey("_metadata") || Peek() is not PickleDictionary)
            throw _bytes.Fault("opcode", "BUILD", $"only the attribute _metadata of a dictionary may be set, and it is ignored; {TorchObjects.Remedy}");
    }

    private void Reduce()
    {
        object? arguments = Pop(), function = Pop();
        Push(TorchObjects.Call(_bytes, function, arguments));
    }

    private void Append(object?[] items)
    {
        if (Peek() is not List<object?> list)
            throw _bytes.Fault("opcode", "an append to a value that is not a list", "the pickle is malformed");
        list.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        if (Peek() is not PickleDictionary dictionary || items.Length % 2 != 0)
            throw _bytes.Fault("opcode", "a new entry of a value that is not a dictionary", "the pickle is malformed");
        for (int i = 0; i < items.Length; i += 2)
        {
            // Entries with numbers as keys belong to an optimizer's state, and are not kept.
            if (items[i] is long)
                continue;
            if (items[i] is not string key)
                throw _bytes.Fault("dictionary key", $"of type {items[i]?.GetType().Name ?? "None"}", "keys must be the names of tensors");
            if (!dictionary.TryAdd(key, items[i + 1]))
                throw _bytes.Fault("dictionary key", $"'{key}'", "the dictionary has it already");
        }
    }

    private void Mark()
    {
        if (_marks.Count == MaxStackDepth)
            throw _bytes.Fault("number of marks", "too large", Invariant($"at most {MaxStackDepth:N0} are allowed"));
        _marks.Push(_stack.Count);
    }

    private void Memoize(int index)
    {
        if (_memo.Count == MaxMemoCount && !_memo.ContainsKey(index))
            throw _bytes.Fault("memo", "too large", Invariant($"at most {MaxMemoCount:N0} values are allowed"));
        _memo[index] = Peek();
    }

    private object? Recall(int index) =>
        _memo.TryGetValue(index, out object? value) ? value : throw _bytes.Fault("memo index", Invariant($"{index:N0}"), "nothing was stored there: the pickle is malformed");

    private void Push(object? value)
    {
        if (_stack.Count == MaxStackDepth)
            throw _bytes.Fault("stack", "too deep", Invariant($"at most {MaxStackDepth:N0} values are allowed"));
        _stack.Add(value);
    }

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek() => _stack.Count > FloorOfStack() ? _stack[^1] : throw Underflow();

    private object?[] PopMany(int count)
    {
        if (_stack.Count - count < FloorOfStack())
            throw Underflow();
        object?[] values = new object?[count];
        _stack.CopyTo(_stack.Count - count, values, 0, count);
        _stack.RemoveRange(_stack.Count - count, count);
        return values;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Underflow();
        object?[] values = PopMany(_stack.Count - _marks.Peek());
        _marks.Pop();
        return values;
    }

    // Values below the latest mark may be accessed only by opcodes that remove this mark.
    private int FloorOfStack() => _marks.TryPeek(out int mark) ? mark : 0;

    private ModelFormatException Underflow() => _bytes.Fault("stack", "empty", "an opcode lacks its values: the pickle is malformed");

    private static string Name(PickleOpcode opcode) => Enum.IsDefined(opcode) ? $"{opcode}".ToUpperInvariant() : $"0x{(byte)opcode:X2}";
}
