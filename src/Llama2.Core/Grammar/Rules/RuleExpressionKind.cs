namespace Llama2.Grammar.Rules;

/// <summary>The kind of a <see cref="RuleExpression"/>.</summary>
internal enum RuleExpressionKind
{
    /// <summary>A lexeme: bytes that match a regular expression.</summary>
    Lexeme,

    /// <summary>A text that another rule derives.</summary>
    Rule,

    /// <summary>A sequence: all parts, one after the other; the empty text if there are none.</summary>
    Sequence,

    /// <summary>A choice: one of the parts.</summary>
    Choice,

    /// <summary>A repetition of the only part.</summary>
    Repeat,
}
