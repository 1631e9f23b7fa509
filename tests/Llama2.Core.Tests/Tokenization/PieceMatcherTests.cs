using CsCheck;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class PieceMatcherTests
{
    private static readonly Gen<string> s_text = Gen.String[Gen.Char["ab\uFFFF "], 0, 40];

    [Fact]
    public void FindLongest_AnyPieces_FindsWhatComparingEachFinds() =>
        Gen.Select(Gen.String[Gen.Char["ab\uFFFF "], 0, 6].List[0, 12], s_text).Sample((pieces, text) =>
        {
            Vocabulary vocabulary = VocabularyOf(pieces);
            int[] expected = [.. Enumerable.Range(0, text.Length).Select(i => LongestAt(pieces, text, i))], found = new int[text.Length];
            PieceMatcher? matcher = PieceMatcher.Create(vocabulary, escapeSpaces: false, PieceType.UserDefined);
            if (matcher is null)
                Array.Fill(found, -1);
            else
                matcher.FindLongest(text, found);

            found.Should().Equal(expected);
        });

    [Fact]
    public void FindLongest_EscapedSpaces_AreThoseOfTheText()
    {
        PieceMatcher matcher = PieceMatcher.Create(VocabularyOf([" a", "\u2581a"]), escapeSpaces: true, PieceType.UserDefined)!;
        int[] found = new int[3];
        matcher.FindLongest("\u2581a ", found);

        // Of equal pieces, the one with the lowest id is found.
        found.Should().Equal(1, -1, -1);
    }

    private static int LongestAt(List<string> pieces, string text, int start) =>
        Enumerable.Range(0, pieces.Count)
            .Where(i => pieces[i].Length > 0 && text.AsSpan(start).StartsWith(pieces[i]))
            .OrderByDescending(i => pieces[i].Length).ThenBy(i => i).Select(i => i + 1).FirstOrDefault(-1);

    private static Vocabulary VocabularyOf(List<string> pieces) => Vocabulary.Create(
        "test",
        [.. pieces.Prepend("<unk>")],
        new float[pieces.Count + 1],
        [.. pieces.Select(_ => PieceType.UserDefined).Prepend(PieceType.Unknown)],
        new VocabularyOptions());
}
