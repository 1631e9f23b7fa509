namespace Llama2.Grammar.Rules;

/// <summary>The kind of a <see cref="RuleExpression"/>.</summary>
internal enum RuleExpressionKind
{
    /// <summary>A lexeme: bytes that match a regular expression.</summary>
    Lexeme,

    /// <summary>A text that another rule derives.</summary>
    Rule,

    /// <summary>All parts, one after the other; the empty text if there are none.</summary>
    Sequence,

    /// <summary>One of the parts.</summary>
    Choice,

    /// <summary>The only part, repeated a number of times.</summary>
    Repeat,
}
