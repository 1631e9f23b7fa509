namespace Llama2.Grammar.Patterns;

/// <summary>The kind of a <see cref="PatternNode"/>.</summary>
internal enum PatternNodeKind
{
    /// <summary>One character of a set.</summary>
    Set,

    /// <summary>A sequence: all parts, one after the other.</summary>
    Sequence,

    /// <summary>A choice: one of the parts.</summary>
    Choice,

    /// <summary>A repetition of the node's only part.</summary>
    Repeat,

    /// <summary>The start of the text.</summary>
    TextStart,

    /// <summary>The start of the text, or a place directly after a line break.</summary>
    LineStart,

    /// <summary>The end of the text.</summary>
    TextEnd,

    /// <summary>The end of the text, or a place directly before a line break.</summary>
    LineEnd,

    /// <summary>The end of the text, or the place before a line feed that ends the text.</summary>
    LastLineEnd,

    /// <summary>A place with a word character on one side only; if negated, any other place.</summary>
    WordBoundary,

    /// <summary>A lookahead: a place after which the node's only part matches; if negated, a place after which this part does not match.</summary>
    Look,
}
