namespace Llama2;

/// <summary>
/// The format of a whole model's weights, as files and repositories name it. It is either one format for all matrices, or a mix that gives more bits
/// to the matrices that are most sensitive to quantization. The mixes are those of llama.cpp (llama-quant.cpp). The stated numbers of bits per weight
/// are those of Llama 2 7B. The members' values are those of <c>general.file_type</c> in GGUF files (llama.h, <c>enum llama_ftype</c>).
/// </summary>
public enum ModelQuantization
{
    /// <summary>32 bits per weight: nothing is lost.</summary>
    F32 = 0,

    /// <summary>16 bits per weight: half precision, for weights up to 65,504.</summary>
    F16 = 1,

    /// <summary>4.54 bits per weight: blocks of 32 weights; older and less accurate than Q4_K, and the fastest to compute with.</summary>
    Q4_0 = 2,

    /// <summary>5.03 bits per weight: blocks of 32 weights; older and less accurate than Q4_K.</summary>
    Q4_1 = 3,

    /// <summary>8.50 bits per weight: as accurate as F16.</summary>
    Q8_0 = 7,

    /// <summary>5.52 bits per weight: blocks of 32 weights; older and less accurate than Q5_K.</summary>
    Q5_0 = 8,

    /// <summary>6.01 bits per weight: blocks of 32 weights; older and less accurate than Q5_K.</summary>
    Q5_1 = 9,

    /// <summary>3.01 bits per weight: noticeably less accurate than F16.</summary>
    Q2_K = 10,

    /// <summary>3.50 bits per weight.</summary>
    Q3_K_S = 11,

    /// <summary>3.91 bits per weight.</summary>
    Q3_K_M = 12,

    /// <summary>4.27 bits per weight.</summary>
    Q3_K_L = 13,

    /// <summary>4.58 bits per weight.</summary>
    Q4_K_S = 14,

    /// <summary>4.84 bits per weight: the usual choice.</summary>
    Q4_K_M = 15,

    /// <summary>5.52 bits per weight.</summary>
    Q5_K_S = 16,

    /// <summary>5.68 bits per weight.</summary>
    Q5_K_M = 17,

    /// <summary>6.56 bits per weight: hardly less accurate than F16.</summary>
    Q6_K = 18,

    /// <summary>2.75 bits per weight: noticeably less accurate than F16, and needs an importance matrix.</summary>
    Q2_K_S = 21,

    /// <summary>4.57 bits per weight: blocks of 32 weights with unevenly spaced codes.</summary>
    IQ4_NL = 25,

    /// <summary>4.33 bits per weight: blocks of 256 weights with unevenly spaced codes; the smallest format whose results stay close to those of F16.</summary>
    IQ4_XS = 30,

    /// <summary>16 bits per weight: the first 16 bits of single precision (bfloat16), in which large models are trained.</summary>
    BF16 = 32,
}
