namespace Llama2.Grammar.Regexes;

/// <summary>The kind of a <see cref="RegexNode"/>.</summary>
internal enum RegexKind
{
    /// <summary>Matches nothing.</summary>
    Nothing,

    /// <summary>Matches the empty text.</summary>
    Empty,

    /// <summary>Matches one byte of a set.</summary>
    Bytes,

    /// <summary>Matches the first part, then the second.</summary>
    Sequence,

    /// <summary>Matches the texts that at least one of its parts matches.</summary>
    Either,

    /// <summary>Matches the texts that all of its parts match.</summary>
    Both,

    /// <summary>Matches the texts that its part does not match.</summary>
    Not,

    /// <summary>Matches its part a number of times.</summary>
    Repeat,

    /// <summary>Matches decimal digits that complete a multiple of a divisor.</summary>
    Multiple,
}
