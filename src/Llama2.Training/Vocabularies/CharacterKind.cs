namespace Llama2.Training.Vocabularies;

/// <summary>What may stand together in a token.</summary>
internal enum CharacterKind
{
    /// <summary>Letters and what marks them.</summary>
    Letter,

    /// <summary>A digit, alone: numbers are read digit by digit, as Llama's vocabulary has them.</summary>
    Digit,

    /// <summary>Punctuation, symbols and spaces of other widths.</summary>
    Other,

    /// <summary>The space, which begins a word.</summary>
    Space,

    /// <summary>Control characters, which are spelled in bytes.</summary>
    Control,
}
