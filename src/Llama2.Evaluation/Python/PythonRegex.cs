using System.Text.RegularExpressions;

namespace Llama2.Evaluation.Python;

/// <summary>
/// A regular expression in the language of Python's module <c>re</c>, for strings. It runs in time proportional to the text if the expression allows
/// that; otherwise it gives up after a second. After an empty match, the search continues at the next character; Python first looks for a longer match at
/// the same one. Immutable and thread-safe.
/// </summary>
internal sealed class PythonRegex
{
    private const int MaxLength = 10_000;
    private const RegexOptions Options = RegexOptions.CultureInvariant;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);

    private readonly Regex _regex;
    private readonly IReadOnlyDictionary<string, int> _names;

    private PythonRegex(string pattern, Regex regex, RegexTranslator translator)
    {
        Pattern = pattern;
        _regex = regex;
        _names = translator.Names;
        GroupCount = translator.GroupCount;
    }

    /// <summary>The expression as it was written.</summary>
    public string Pattern { get; }

    /// <summary>The number of capturing groups.</summary>
    public int GroupCount { get; }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="EvaluationDataException">The expression is malformed, too long, or uses a feature that is not supported.</exception>
    public static PythonRegex Parse(string pattern)
    {
        if (pattern.Length > MaxLength)
            throw new EvaluationDataException($"A regular expression has {pattern.Length} characters; at most {MaxLength} are allowed.");
        try
        {
            var translator = new RegexTranslator(pattern);
            string translated = translator.Translate();
            return new PythonRegex(pattern, Create(translated), translator);
        }
        catch (FormatException exception)
        {
            throw new EvaluationDataException($"The regular expression '{pattern}' {exception.Message}.", exception);
        }
        catch (ArgumentException exception)
        {
            throw new EvaluationDataException($"The regular expression '{pattern}' is malformed: {exception.Message}", exception);
        }
    }

    /// <summary>Escapes the characters that have a meaning in expressions, so that the expression matches exactly this text.</summary>
    public static string Escape(string text)
        => string.Concat(text.Select(character => char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) ? $"\\{character}" : character.ToString()));

    /// <summary>All matches, as <c>re.findall</c> gives them: the groups of each match or, if there are none, the whole match.</summary>
    /// <exception cref="EvaluationDataException">The search takes too long.</exception>
    public IReadOnlyList<string[]> FindAll(string text) => Run(() =>
    {
        List<string[]> found = [];
        for (Match match = _regex.Match(text); match.Success; match = match.NextMatch())
        {
            // Python has no position between the halves of a surrogate pair.
            if (!IsInPair(match, text))
                found.Add(GroupCount == 0 ? [match.Value] : [.. Enumerable.Range(1, GroupCount).Select(index => match.Groups[index].Value)]);
        }

        return found;
    });

    /// <summary>Replaces matches, as <c>re.sub</c> does.</summary>
    /// <param name="text">The text.</param>
    /// <param name="replacement">The replacement, which may refer to groups with <c>\1</c> and <c>\g&lt;name&gt;</c>.</param>
    /// <param name="count">The number of replacements; 0 for all.</param>
    /// <exception cref="EvaluationDataException">The replacement is malformed, or the search takes too long.</exception>
    public string Replace(string text, string replacement, int count = 0)
    {
        Func<Match, string> expand = RegexReplacement.Parse(replacement, GroupCount, _names);
        return Run(() => _regex.Replace(text, match => IsInPair(match, text) ? "" : expand(match), count == 0 ? -1 : count));
    }

    /// <summary>The number of parts into which <c>re.split</c> splits a text.</summary>
    public int CountParts(string text) => Run(() => _regex.Count(text)) + 1;

    private static bool IsInPair(Match match, string text)
        => match.Length == 0 && match.Index > 0 && match.Index < text.Length && char.IsSurrogatePair(text[match.Index - 1], text[match.Index]);

    private static Regex Create(string translated)
    {
        try
        {
            return new Regex(translated, Options | RegexOptions.NonBacktracking, s_timeout);
        }
        catch (NotSupportedException)
        {
            // Look-around, references to groups, and very large counts need backtracking.
            return new Regex(translated, Options, s_timeout);
        }
    }

    private T Run<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new EvaluationDataException(
                $"The regular expression '{Pattern}' takes more than {s_timeout.TotalSeconds} s on one text; write it without nested repetitions.", exception);
        }
    }
}
