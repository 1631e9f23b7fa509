namespace Llama2.Tokenization;

/// <summary>What a piece of the vocabulary is for; the numbers are those of SentencePiece's model and of GGUF's <c>tokenizer.ggml.token_type</c>.</summary>
internal enum PieceType : byte
{
    /// <summary>Text, reached by merging.</summary>
    Normal = 1,

    /// <summary>Stands for text that the vocabulary cannot express.</summary>
    Unknown = 2,

    /// <summary>Steers the model; text never yields it and it decodes to nothing.</summary>
    Control = 3,

    /// <summary>Text that is always one token, found before merging.</summary>
    UserDefined = 4,

    /// <summary>May arise while merging, but is taken apart again at the end.</summary>
    Unused = 5,

    /// <summary>One byte of UTF-8, written <c>&lt;0xHH&gt;</c>; spells the characters that are no piece.</summary>
    Byte = 6,
}
