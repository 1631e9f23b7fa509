using System.Runtime.CompilerServices;

namespace Llama2.Memory;

/// <summary>
/// The bytes of a weight matrix, or of one of its parts. They begin on a 64-byte boundary, and are either memory of their own or a part of a
/// <see cref="WeightStorage"/>, which this object then keeps reachable. Use after disposal throws <see cref="ObjectDisposedException"/>.
/// </summary>
internal sealed unsafe class WeightBytes : IDisposable
{
    private readonly object? _memory;
    private byte* _start;

    private WeightBytes(object? memory, byte* start, long byteSize, bool isReadOnly)
    {
        _memory = memory;
        _start = start;
        ByteSize = byteSize;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The number of bytes.</summary>
    public long ByteSize { get; }

    /// <summary>Whether the bytes belong to a mapped file, so that writing to them would end the process.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The first byte, for kernels that check their bounds once for each matrix.</summary>
    public ref byte Reference
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return ref *_start;
        }
    }

    /// <summary>Allocates separate memory, initialised to zero.</summary>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public static WeightBytes Allocate(long byteSize)
    {
        var buffer = new AlignedBuffer<byte>(byteSize);
        return new(buffer, (byte*)Unsafe.AsPointer(ref buffer.Reference), byteSize, isReadOnly: false);
    }

    /// <summary>A number of bytes that is known before there is memory for them. Any access throws <see cref="ObjectDisposedException"/>.</summary>
    public static WeightBytes WithoutMemory(long byteSize) => new(null, null, byteSize, isReadOnly: true);

    /// <summary>A part of memory that another object owns.</summary>
    /// <param name="owner">The object that must stay reachable, because its finalizer frees the memory.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="byteSize">The number of bytes.</param>
    /// <param name="isReadOnly">Whether the memory is mapped read-only.</param>
    public static WeightBytes PartOf(WeightStorage owner, byte* start, long byteSize, bool isReadOnly) => new(owner, start, byteSize, isReadOnly);

    /// <summary>A bounds-checked part of the bytes.</summary>
    public ReadOnlySpan<byte> Slice(long start, int length)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        if ((ulong)start > (ulong)ByteSize || (ulong)length > (ulong)(ByteSize - start))
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"The {length} bytes from {start} on are not all within {ByteSize} bytes of weights.");
        }

        return new(_start + start, length);
    }

    /// <summary>A bounds-checked part of the bytes, to be filled.</summary>
    /// <exception cref="InvalidOperationException"><see cref="IsReadOnly"/> is true.</exception>
    public Span<byte> Writable(long start, int length)
    {
        if (IsReadOnly)
        {
            throw new InvalidOperationException("The weights are mapped read-only.");
        }

        ReadOnlySpan<byte> bytes = Slice(start, length);
        return new(_start + start, bytes.Length);
    }

    /// <summary>Frees memory of its own. Memory of a storage is freed with the storage.</summary>
    public void Dispose()
    {
        _start = null;
        (_memory as AlignedBuffer<byte>)?.Dispose();
    }
}
