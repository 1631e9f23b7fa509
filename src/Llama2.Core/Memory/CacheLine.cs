using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Llama2.Memory;

/// <summary>The unit in which processors move memory between caches.</summary>
internal static class CacheLine
{
    public const int ByteSize = 64;

    /// <summary>
    /// The part of the memory that begins at a line, for memory on the stack: vectors that extend over two lines are slower to read. At most
    /// <see cref="ByteSize"/> − 4 bytes are left out.
    /// </summary>
    public static unsafe Span<float> Align(Span<float> memory)
    {
        nint address = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory));
        return memory[((int)(-address & (ByteSize - 1)) / sizeof(float))..];
    }
}
