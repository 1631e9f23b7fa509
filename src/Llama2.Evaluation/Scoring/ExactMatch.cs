using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Scoring;

/// <summary>Whether an answer is the right one, by lm-evaluation-harness' metric <c>exact_match</c>. Immutable and thread-safe.</summary>
internal sealed record ExactMatch
{
    /// <summary>Expressions whose matches are removed from both texts, in this order.</summary>
    public IReadOnlyList<PythonRegex> IgnoredRegexes { get; init; } = [];

    public bool IgnoresCase { get; init; }

    /// <summary>Whether the punctuation of ASCII is removed from both texts.</summary>
    public bool IgnoresPunctuation { get; init; }

    /// <summary>Whether the digits 0 to 9 are removed from both texts.</summary>
    public bool IgnoresNumbers { get; init; }

    /// <summary>Whether an answer equals one of the targets.</summary>
    /// <exception cref="EvaluationDataException">A regular expression takes too long.</exception>
    public bool IsMatch(string answer, IEnumerable<string> targets)
    {
        string simplified = Simplify(answer);
        return targets.Any(target => Simplify(target) == simplified);
    }

    /// <summary>The part of a text that is compared.</summary>
    public string Simplify(string text)
    {
        foreach (PythonRegex regex in IgnoredRegexes)
            text = regex.Replace(text, "");
        if (IgnoresCase)
            text = PythonString.Lower(text);
        if (IgnoresPunctuation)
            text = PythonString.RemovePunctuation(text);
        return IgnoresNumbers ? PythonString.RemoveDigits(text) : text;
    }
}
