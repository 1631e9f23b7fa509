namespace Llama2.Training.Vocabularies;

/// <summary>The kinds of characters; a token contains characters of one kind.</summary>
internal enum CharacterKind
{
    /// <summary>Letters and combining marks.</summary>
    Letter,

    /// <summary>A digit, which is always a separate token, as in Llama's vocabulary.</summary>
    Digit,

    /// <summary>Punctuation, symbols and spaces of other widths.</summary>
    Other,

    /// <summary>The space, which begins a word.</summary>
    Space,

    /// <summary>Control characters, which are encoded as bytes.</summary>
    Control,
}
