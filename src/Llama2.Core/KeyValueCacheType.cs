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
}
