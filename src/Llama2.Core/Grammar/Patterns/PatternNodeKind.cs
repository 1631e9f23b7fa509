namespace Llama2.Grammar.Patterns;

/// <summary>What a <see cref="PatternNode"/> is.</summary>
internal enum PatternNodeKind
{
    /// <summary>One character of a set.</summary>
    Set,

    /// <summary>All parts, one after the other.</summary>
    Sequence,

    /// <summary>One of the parts.</summary>
    Choice,

    /// <summary>The only part, a number of times.</summary>
    Repeat,

    /// <summary>The start of the text.</summary>
    TextStart,

    /// <summary>The start of the text, or a place after the end of a line.</summary>
    LineStart,

    /// <summary>The end of the text.</summary>
    TextEnd,

    /// <summary>The end of the text, or a place before the end of a line.</summary>
    LineEnd,

    /// <summary>The end of the text, or the place before a line feed that ends it.</summary>
    LastLineEnd,

    /// <summary>A place between a character of a word and one of none; or, negated, another place.</summary>
    WordBoundary,

    /// <summary>A place after which the only part matches; or, negated, does not.</summary>
    Look,
}
