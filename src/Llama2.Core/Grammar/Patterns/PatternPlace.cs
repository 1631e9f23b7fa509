namespace Llama2.Grammar.Patterns;

/// <summary>The kind of text directly before a place in a text. Assertions such as <c>^</c> and <c>\b</c> depend on this kind.</summary>
internal enum PatternPlace
{
    /// <summary>The place is the start of the text.</summary>
    TextStart,

    /// <summary>A word character is before the place.</summary>
    AfterWord,

    /// <summary>A character that ends a line is before the place.</summary>
    AfterLineEnd,

    /// <summary>Any other character is before the place.</summary>
    AfterOther,
}
