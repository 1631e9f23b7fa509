namespace Llama2.Guard;

/// <summary>Something that a guard found at a known position of the judged text. Immutable and thread-safe. It does not contain the text itself.</summary>
/// <param name="Category">The category.</param>
/// <param name="Kind">What was found, in plain words, such as <c>e-mail address</c>; also the text of a mask.</param>
/// <param name="Start">The position of the first character, counted in UTF-16 characters from 0.</param>
/// <param name="Length">The number of UTF-16 characters, at least 1.</param>
/// <param name="Action">What follows.</param>
public sealed record GuardFinding(GuardCategory Category, string Kind, int Start, int Length, GuardAction Action)
{
    /// <summary>The position after the last character.</summary>
    public int End => Start + Length;
}
