namespace Llama2.Tokenization;

/// <summary>The type of a piece of the vocabulary; the numbers are those of SentencePiece's model and of GGUF's <c>tokenizer.ggml.token_type</c>.</summary>
internal enum PieceType : byte
{
    /// <summary>Text, reached by merging.</summary>
    Normal = 1,

    /// <summary>Represents text that the vocabulary cannot express.</summary>
    Unknown = 2,

    /// <summary>Controls the model. Text is never encoded to it, and it is decoded to an empty text.</summary>
    Control = 3,

    /// <summary>Text that is always one token, found before merging.</summary>
    UserDefined = 4,

    /// <summary>May result from a merge, but is split again at the end.</summary>
    Unused = 5,

    /// <summary>One byte of UTF-8, written <c>&lt;0xHH&gt;</c>; represents characters that are not in the vocabulary.</summary>
    Byte = 6,
}
