using System.Buffers;
using System.Runtime.CompilerServices;

namespace Llama2.Grammar.Matching;

/// <summary>
/// Arrays from the runtime's shared pool, for data that grows with a text. The arrays of a text that has ended are used again for later texts, so a text
/// allocates nothing while it grows.
/// </summary>
internal static class PooledArray
{
    /// <summary>Takes an array of at least the given length. Its content is arbitrary.</summary>
    public static T[] Rent<T>(int length) => ArrayPool<T>.Shared.Rent(length);

    /// <summary>Replaces an array by a longer one of at least the given length, which begins with the content of the old one.</summary>
    public static void Grow<T>(ref T[] array, int length)
    {
        T[] longer = Rent<T>(length);
        array.AsSpan(0, Math.Min(array.Length, longer.Length)).CopyTo(longer);
        Return(ref array);
        array = longer;
    }

    /// <summary>Gives an array back and replaces it by an empty one. References in it are cleared, so that the pool keeps no object alive.</summary>
    public static void Return<T>(ref T[] array)
    {
        if (array.Length > 0)
            ArrayPool<T>.Shared.Return(array, RuntimeHelpers.IsReferenceOrContainsReferences<T>());
        array = [];
    }
}
