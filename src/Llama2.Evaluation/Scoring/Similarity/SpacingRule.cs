using System.Text;

namespace Llama2.Evaluation.Scoring.Similarity;

/// <summary>
/// Sets spaces around a character that follows another one, as the substitutions of the scripts mteval-v13a.pl and mteval-v14.pl do: pairs are searched
/// from left to right and do not overlap.
/// </summary>
/// <param name="First">Whether a character can be the first of a pair.</param>
/// <param name="Second">Whether a character can be the second of a pair.</param>
/// <param name="IsSpaceBefore">Whether the second space is set before the pair, rather than after it; one is always set between the two.</param>
internal sealed record SpacingRule(Func<Rune, bool> First, Func<Rune, bool> Second, bool IsSpaceBefore)
{
    private static readonly Rune s_space = new(' ');

    /// <summary>Sets the spaces of each pair.</summary>
    public List<Rune> Apply(List<Rune> text)
    {
        var result = new List<Rune>(text.Count * 2);
        for (int i = 0; i < text.Count; i++)
        {
            if (i + 1 == text.Count || !First(text[i]) || !Second(text[i + 1]))
            {
                result.Add(text[i]);
                continue;
            }

            if (IsSpaceBefore)
                result.Add(s_space);
            result.AddRange(text[i], s_space, text[i + 1]);
            if (!IsSpaceBefore)
                result.Add(s_space);
            i++;
        }

        return result;
    }

    /// <summary>Sets a space before and after each character.</summary>
    public static List<Rune> Isolate(IEnumerable<Rune> text, Func<Rune, bool> isIsolated)
    {
        List<Rune> result = [];
        foreach (Rune character in text)
        {
            if (isIsolated(character))
                result.AddRange(s_space, character, s_space);
            else
                result.Add(character);
        }

        return result;
    }
}
