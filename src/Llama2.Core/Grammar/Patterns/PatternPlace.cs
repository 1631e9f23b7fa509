namespace Llama2.Grammar.Patterns;

/// <summary>What stands before a place in a text, as far as assertions depend on it.</summary>
internal enum PatternPlace
{
    /// <summary>Nothing.</summary>
    TextStart,

    /// <summary>A word character.</summary>
    AfterWord,

    /// <summary>A character that ends a line.</summary>
    AfterLineEnd,

    /// <summary>Any other character.</summary>
    AfterOther,
}
