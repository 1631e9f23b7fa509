namespace Llama2.Tokenization;

/// <summary>The type of a piece of the vocabulary; the numbers are those of SentencePiece's model and of GGUF's <c>tokenizer.ggml.token_type</c>.</summary>
internal enum PieceType : byte
{
    /// <summary>Text that results from merges.</summary>
    Normal = 1,

    /// <summary>Represents text that the vocabulary cannot express.</summary>
    Unknown = 2,

    /// <summary>Controls the model. Text is never encoded as this piece, and the piece is decoded to an empty text.</summary>
    Control = 3,

    /// <summary>Text that always becomes one token; it is found before any merge.</summary>
    UserDefined = 4,

    /// <summary>May result from a merge, but is split into its parts again when all merges are done.</summary>
    Unused = 5,

    /// <summary>One byte of UTF-8, written <c>&lt;0xHH&gt;</c>; represents characters that are not in the vocabulary.</summary>
    Byte = 6,
}
