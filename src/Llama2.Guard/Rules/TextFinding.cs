namespace Llama2.Guard.Rules;

/// <summary>Something that a rule found in a view of a text.</summary>
/// <param name="Kind">What it is, in plain words.</param>
/// <param name="Start">The position of its first character in the view.</param>
/// <param name="Length">Its number of characters in the view.</param>
internal readonly record struct TextFinding(string Kind, int Start, int Length)
{
    /// <summary>Whether no text that follows could make it anything else.</summary>
    public bool IsCertain { get; init; }
}
