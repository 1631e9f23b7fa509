using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Memory;

/// <summary>
/// Native memory, initialised to zero, that begins on a 64-byte boundary; 64 bytes are the size of a cache line and of a 512-bit vector. It is the
/// only owner of its memory, which is freed on disposal or by the finalizer. Use after disposal throws <see cref="ObjectDisposedException"/>. Several
/// threads may dispose it at the same time; all other members need synchronisation with disposal.
/// </summary>
internal sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private const int Alignment = CacheLine.ByteSize;
    private nint _allocation;
    private T* _pointer;

    /// <summary>Allocates <paramref name="length"/> elements, initialised to zero.</summary>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        // The operating system zeroes each page when it is first touched, so a large buffer that is never filled costs nothing.
        try
        {
            _allocation = (nint)NativeMemory.AllocZeroed(checked((nuint)(length * sizeof(T) + Alignment)));
        }
        catch (OutOfMemoryException)
        {
            throw MemoryBudget.Refused(ByteSize);
        }

        LargePages.Request(_allocation, ByteSize);
        MemoryBudget.Count(ByteSize);
        _pointer = (T*)(((nuint)_allocation + Alignment - 1) & ~(nuint)(Alignment - 1));
    }

    ~AlignedBuffer() => Free();

    /// <summary>The number of elements in the buffer.</summary>
    public long Length { get; }

    /// <summary>The size of the buffer in bytes.</summary>
    public long ByteSize => Length * sizeof(T);

    /// <summary>The whole buffer; only for buffers of at most 2,147,483,647 elements.</summary>
    public Span<T> Span => Slice(0, checked((int)Length));

    /// <summary>A bounds-checked part of the buffer.</summary>
    public Span<T> Slice(long start, int length)
    {
        ObjectDisposedException.ThrowIf(_pointer is null, this);
        if ((ulong)start > (ulong)Length || (ulong)length > (ulong)(Length - start))
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"The {length} elements from index {start} on are not all within a buffer of {Length} elements.");
        }

        return new Span<T>(_pointer + start, length);
    }

    /// <summary>The bytes of a bounds-checked part of the buffer; <paramref name="start"/> and <paramref name="length"/> count elements.</summary>
    public Span<byte> Bytes(long start, int length) => MemoryMarshal.AsBytes(Slice(start, length));

    /// <summary>The first element, for kernels that check their bounds once for each matrix.</summary>
    public ref T Reference
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return ref Unsafe.AsRef<T>(_pointer);
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        _pointer = null;
        // The address of the allocation is exchanged for 0 atomically, so that only one of two threads that dispose at the same time frees the memory.
        nint allocation = Interlocked.Exchange(ref _allocation, 0);
        if (allocation != 0)
        {
            NativeMemory.Free((void*)allocation);
            MemoryBudget.Count(-ByteSize);
        }
    }
}
