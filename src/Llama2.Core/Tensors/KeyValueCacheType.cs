namespace Llama2;

/// <summary>How the numbers of the key-value cache are stored.</summary>
public enum KeyValueCacheType
{
    /// <summary>32 bits, exact.</summary>
    F32,

    /// <summary>16 bits with 11 significant: IEEE half precision, as llama.cpp keeps its cache.</summary>
    F16,

    /// <summary>16 bits with 8 significant: bfloat16. The fastest to read, the least exact.</summary>
    BF16,

    /// <summary>
    /// 8 bits, and a half-precision scale for each 32 numbers of a head at a position, the last for fewer where 32 do not divide the head:
    /// 8.5 bits a number. The smallest; a number is off by up to 1/254 of the largest of its 32.
    /// </summary>
    Q8_0,
}
