using Llama2.Guard.Text;

namespace Llama2.Guard.Rules;

/// <summary>The terms of several block lists in one automaton.</summary>
/// <param name="Matcher">The automaton.</param>
/// <param name="Lists">For each term of the automaton, the list that it belongs to.</param>
/// <param name="WholeWords">Whether terms are found only as whole words.</param>
internal sealed record TermSet(TermMatcher Matcher, BlockList[] Lists, bool WholeWords)
{
    public static TermSet Of(bool wholeWords, IEnumerable<BlockList> lists)
    {
        // A term of signs for letters only, such as one that folds to nothing, cannot be found.
        (string Term, BlockList List)[] terms =
            [.. lists.SelectMany(list => list.Terms.Select(term => (TextViews.Words(term, keepSigns: false).Text, list))).Where(entry => entry.Text.Length > 0)];
        return new TermSet(new TermMatcher(terms.Select(entry => entry.Term)), [.. terms.Select(entry => entry.List)], wholeWords);
    }
}
