namespace Llama2;

/// <summary>How the numbers of the key-value cache are stored.</summary>
public enum KeyValueCacheType
{
    /// <summary>32 bits, exact.</summary>
    F32,

    /// <summary>16 bits, 11 of them significant: IEEE half precision, as in llama.cpp's cache.</summary>
    F16,

    /// <summary>16 bits, 8 of them significant: bfloat16. This type is the fastest to read and the least precise.</summary>
    BF16,

    /// <summary>
    /// 8 bits, with a half-precision scale for each group of 32 numbers of a head at a position: 8.5 bits per number. If the head length is not a
    /// multiple of 32, the last group has fewer numbers. This is the smallest type. The error of a number is at most 1/254 of the largest number of its
    /// group.
    /// </summary>
    Q8_0,

    /// <summary>
    /// 16 bits, with a float32 scale for each head and position: integers from −8,191 to 8,191. Attention multiplies them as integers, which is the fastest for
    /// long prompts on x86 processors. The error of a number is at most 1/16,382 of the largest number of the head at its position.
    /// </summary>
    I16,
}
