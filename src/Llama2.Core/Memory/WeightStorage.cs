using System.Runtime.CompilerServices;

namespace Llama2.Memory;

/// <summary>
/// The memory of all weight matrices of a model, one after the other: either allocated, or a part of a mapped file. It owns that memory, which is
/// freed on disposal or by the finalizer.
/// </summary>
/// <remarks>
/// One large allocation has pages that the operating system zeroes when the loading threads touch them. For matrices of up to 32 MiB, the allocator
/// of GNU/Linux reuses its heap after a first model was freed, and a single thread zeroes that memory before the loading threads fill it.
/// </remarks>
internal sealed unsafe class WeightStorage : IDisposable
{
    /// <summary>The alignment of each matrix part: the size of a cache line and of a 512-bit vector.</summary>
    public const int Alignment = 64;

    private readonly IDisposable _memory;
    private readonly byte* _start;
    private long _placedByteSize;
    private bool _isDisposed;

    private WeightStorage(IDisposable memory, byte* start, long byteSize, bool isMapped)
    {
        _memory = memory;
        _start = start;
        ByteSize = byteSize;
        IsMapped = isMapped;
        MemoryBudget.CountMapped(isMapped ? byteSize : 0);
    }

    ~WeightStorage() => Forget();

    /// <summary>The size in bytes.</summary>
    public long ByteSize { get; }

    /// <summary>Whether the memory is a mapped file, whose pages the operating system shares with other processes and can free.</summary>
    public bool IsMapped { get; }

    /// <summary>Allocates memory, initialised to zero.</summary>
    /// <exception cref="LlamaMemoryException">The operating system refused the memory.</exception>
    public static WeightStorage Allocate(long byteSize)
    {
        var buffer = new AlignedBuffer<byte>(byteSize);
        return new(buffer, (byte*)Unsafe.AsPointer(ref buffer.Reference), byteSize, isMapped: false);
    }

    /// <summary>Uses a part of a mapped file, and takes ownership of the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">The offset of the part, a multiple of 64.</param>
    /// <param name="byteSize">The size of the part in bytes; all of it must be within the file.</param>
    public static WeightStorage Map(MappedFile file, long offset, long byteSize)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset % Alignment, 0);
        return new(file, file.Part(offset, byteSize), byteSize, isMapped: true);
    }

    /// <summary>The size of a storage for parts of given sizes.</summary>
    public static long ByteSizeFor(IEnumerable<long> partByteSizes)
    {
        long byteSize = 0;
        foreach (long part in partByteSizes)
        {
            byteSize = checked(AlignUp(byteSize) + part);
        }

        return byteSize;
    }

    /// <summary>The number of bytes between the end of a part, at a position of the storage, and the next part.</summary>
    public static int PaddingAfter(long position) => (int)(AlignUp(position) - position);

    /// <summary>The next part. Parts are placed in the order of the calls.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The storage has no room for the part.</exception>
    public WeightBytes Place(long byteSize)
    {
        long start = AlignUp(_placedByteSize);
        ArgumentOutOfRangeException.ThrowIfNegative(byteSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteSize, ByteSize - start);
        _placedByteSize = start + byteSize;
        return WeightBytes.PartOf(this, _start + start, byteSize, isReadOnly: IsMapped);
    }

    /// <summary>Frees the memory. Parts must not be used any more.</summary>
    public void Dispose()
    {
        Forget();
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Forget()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            MemoryBudget.CountMapped(IsMapped ? -ByteSize : 0);
        }
    }

    private static long AlignUp(long position) => checked(position + Alignment - 1) & ~(long)(Alignment - 1);
}
