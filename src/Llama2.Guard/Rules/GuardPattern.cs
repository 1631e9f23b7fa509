using System.Text.RegularExpressions;
using Llama2.Guard.Judging;
using Llama2.Guard.Rules;

namespace Llama2.Guard;

/// <summary>
/// A regular expression that <see cref="RuleGuard"/> looks for. It is matched without backtracking. A search that nevertheless takes longer than <see
/// cref="MatchTimeout"/> is a failure and gives no verdict. Immutable and thread-safe.
/// </summary>
public sealed record GuardPattern
{
    /// <summary>The maximum number of characters of a pattern: 1,024.</summary>
    public const int MaxLength = 1024;

    /// <summary>
    /// The number of characters at the end of a streamed text that are held back for a pattern whose beginnings cannot be found, because it has a subtraction of classes, an octal number, or options elsewhere than at
    /// its beginning: 1,024. What it matches may be shown in part if it is longer.
    /// </summary>
    public const int UnknownBeginningLength = 1024;

    /// <summary>Creates a pattern.</summary>
    /// <param name="category">The category of its findings.</param>
    /// <param name="kind">What it finds, in plain words, such as <c>order number</c>; 1 to 64 characters.</param>
    /// <param name="pattern">A regular expression of .NET without lookarounds, backreferences and atomic groups.</param>
    /// <exception cref="ArgumentException">The pattern is malformed, too long, or needs backtracking.</exception>
    public GuardPattern(GuardCategory category, string kind, string pattern)
    {
        ArgumentNullException.ThrowIfNull(category);
        ArgumentException.ThrowIfNullOrWhiteSpace(kind);
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        if (kind.Length > 64)
            throw new ArgumentException($"The kind has {kind.Length:N0} characters; at most 64 are allowed.", nameof(kind));
        if (pattern.Length > MaxLength)
            throw new ArgumentException($"The pattern has {pattern.Length:N0} characters; at most {MaxLength:N0} are allowed.", nameof(pattern));
        Category = category;
        Kind = kind;
        try
        {
            Regex = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout);
            Beginning = PatternBeginning.TryCreate(pattern, MatchTimeout);
        }
        catch (NotSupportedException exception)
        {
            throw new ArgumentException("The pattern has a lookaround, a backreference or an atomic group, which need backtracking, or its repetitions are too large. Write it without them.", nameof(pattern), exception);
        }
    }

    /// <summary>The time that the search of one pattern in one text may take: 5 seconds. Only matches that begin again and again and end far away need more than a few milliseconds.</summary>
    public static TimeSpan MatchTimeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>The category of the findings.</summary>
    public GuardCategory Category { get; }

    /// <summary>What the pattern finds, in plain words.</summary>
    public string Kind { get; }

    /// <summary>The consequence of a finding. Default <see cref="GuardAction.Block"/>.</summary>
    public GuardAction Action { get; init => field = GuardActions.Check(value, nameof(Action)); } = GuardAction.Block;

    internal Regex Regex { get; }

    /// <summary>Finds the position at which an incomplete match may begin; null if it is not known.</summary>
    internal Regex? Beginning { get; }
}
