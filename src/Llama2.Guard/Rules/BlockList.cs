using System.Collections.ObjectModel;
using Llama2.Guard.Judging;

namespace Llama2.Guard;

/// <summary>
/// Words and phrases that <see cref="RuleGuard"/> looks for. Spellings that look alike are equal: capitals, accents, wide and styled letters, look-alikes
/// of other alphabets, zero-width characters, signs for letters (<c>p@ssw0rd</c>; at most half of a word) and words that are spelled out
/// (<c>w o r d</c>). Immutable and thread-safe.
/// </summary>
public sealed record BlockList
{
    /// <summary>The maximum number of terms of a list: 20,000.</summary>
    public const int MaxTermCount = 20_000;

    /// <summary>The maximum number of characters of a term: 128.</summary>
    public const int MaxTermLength = 128;

    /// <summary>Creates a list.</summary>
    /// <param name="category">The category of its findings.</param>
    /// <param name="terms">The terms: at least one letter or digit in each. Copied.</param>
    /// <exception cref="ArgumentException">There are too many terms, or one is too long or has neither letter nor digit.</exception>
    public BlockList(GuardCategory category, params IEnumerable<string> terms)
    {
        ArgumentNullException.ThrowIfNull(category);
        ArgumentNullException.ThrowIfNull(terms);
        string[] copy = [.. terms.Take(MaxTermCount + 1)];
        if (copy.Length > MaxTermCount)
            throw new ArgumentException($"A list has at most {MaxTermCount:N0} terms; use several lists.", nameof(terms));
        for (int i = 0; i < copy.Length; i++)
        {
            if (copy[i] is null || copy[i].Length > MaxTermLength || !copy[i].Any(char.IsLetterOrDigit))
                throw new ArgumentException($"Term {i:N0}, counted from 0, must have at least one letter or digit and at most {MaxTermLength} characters.", nameof(terms));
        }

        Category = category;
        Terms = new ReadOnlyCollection<string>(copy);
    }

    /// <summary>The category of the findings.</summary>
    public GuardCategory Category { get; }

    /// <summary>The words and phrases.</summary>
    public IReadOnlyList<string> Terms { get; }

    /// <summary>The consequence of a finding. Default <see cref="GuardAction.Block"/>.</summary>
    public GuardAction Action { get; init => field = GuardActions.Check(value, nameof(Action)); } = GuardAction.Block;

    /// <summary>
    /// Whether a term is found only as a whole word or as whole words. Default true. Scripts without spaces between words, such as Chinese and Thai, are exempt.
    /// </summary>
    public bool WholeWords { get; init; } = true;
}
