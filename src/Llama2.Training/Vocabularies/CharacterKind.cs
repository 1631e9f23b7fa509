namespace Llama2.Training.Vocabularies;

/// <summary>The kinds of characters. A token has characters of only one kind, and perhaps a space before them.</summary>
internal enum CharacterKind
{
    /// <summary>Letters and combining marks.</summary>
    Letter,

    /// <summary>A digit, which is always a separate token, as in Llama's vocabulary.</summary>
    Digit,

    /// <summary>Punctuation, symbols, and white space other than the ordinary space.</summary>
    Other,

    /// <summary>The space, which begins a word.</summary>
    Space,

    /// <summary>Control characters, which are encoded as bytes.</summary>
    Control,
}
