namespace Llama2.Grammar.Patterns;

/// <summary>How a pattern is read.</summary>
[Flags]
internal enum PatternOptions
{
    /// <summary>The syntax of ECMA-262 as JSON Schema uses it: with the flag u and no other flag.</summary>
    None = 0,

    /// <summary>Upper and lower case are not distinguished.</summary>
    IgnoreCase = 1,

    /// <summary><c>^</c> and <c>$</c> also match at the start and the end of a line.</summary>
    Multiline = 2,

    /// <summary><c>.</c> also matches the characters that end a line.</summary>
    Singleline = 4,

    /// <summary>The syntax and the classes of .NET instead of those of ECMA-262.</summary>
    DotNet = 8,
}
