using System.Text;
using CsCheck;
using Llama2.Generation;

namespace Llama2.Tests.Generation;

public class StopSequenceMatcherTests
{
    [Theory]
    [InlineData(new[] { "stop" }, new[] { "a st", "op b" }, "a ", true)]
    [InlineData(new[] { "stop" }, new[] { "a st", "orm" }, "a storm", false)]
    [InlineData(new[] { "aab" }, new[] { "a", "a", "a", "b", "c" }, "a", true)]
    [InlineData(new[] { "abc", "b" }, new[] { "xab", "c" }, "xa", true)]
    [InlineData(new[] { "xab", "b" }, new[] { "1xa", "b2" }, "1", true)]
    [InlineData(new[] { "\n\n" }, new[] { "a\n", "b\n", "\nc" }, "a\nb", true)]
    [InlineData(new string[0], new[] { "a", "b" }, "ab", false)]
    public void Append_Pieces_EndsBeforeTheFirstCompleteSequence(string[] sequences, string[] pieces, string expected, bool expectedStop)
        => Run(sequences, pieces).Should().Be((expected, expectedStop));

    [Fact]
    public void Append_RandomPieces_EqualsASearchInTheWholeText()
    {
        Gen<string> text = Gen.Char['a', 'c'].Array[1, 6].Select(characters => new string(characters));
        Gen.Select(text.Array[1, 3], text.Array[0, 12]).Sample((sequences, pieces) => Run(sequences, pieces).Should().Be(Search(sequences, string.Concat(pieces))));
    }

    [Fact]
    public void Append_PieceWithoutABeginning_IsTheSameString()
    {
        var matcher = new StopSequenceMatcher(["stop"]);
        string piece = new('x', 3);
        matcher.Append(piece).Should().BeSameAs(piece);
    }

    [Theory]
    [InlineData(new[] { "stop" }, new[] { "a st", "op b" }, "stop")]
    [InlineData(new[] { "xab", "b" }, new[] { "1xa", "b2" }, "xab")]
    [InlineData(new[] { "b", "xab" }, new[] { "1xa", "b2" }, "xab")]
    [InlineData(new[] { "stop" }, new[] { "a st", "orm" }, null)]
    public void Found_AfterTheText_IsTheLongestCompleteSequence(string[] sequences, string[] pieces, string? expected)
    {
        var matcher = new StopSequenceMatcher(sequences);

        foreach (string piece in pieces)
            matcher.Append(piece);

        matcher.Found.Should().Be(expected);
    }

    private static (string Text, bool IsStopped) Run(string[] sequences, string[] pieces)
    {
        var matcher = new StopSequenceMatcher(sequences);
        var text = new StringBuilder();
        foreach (string piece in pieces)
        {
            text.Append(matcher.Append(piece));
            if (matcher.Found is not null)
            {
                return (text.ToString(), true);
            }
        }

        return (text.Append(matcher.Flush()).ToString(), false);
    }

    // The text ends before the stop sequence that is the first to be complete; if several are complete at the same character, the longest counts.
    private static (string Text, bool IsStopped) Search(string[] sequences, string text)
    {
        for (int end = 1; end <= text.Length; end++)
        {
            string[] complete = [.. sequences.Where(sequence => text[..end].EndsWith(sequence, StringComparison.Ordinal))];
            if (complete.Length > 0)
            {
                return (text[..(end - complete.Max(sequence => sequence.Length))], true);
            }
        }

        return (text, false);
    }
}
