using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class PieceTextsTests
{
    [Fact]
    public void Set_PieceThatIsThere_ReplacesItsTextOnly()
    {
        var texts = new PieceTexts("a", "bc", "d");
        texts[1].Should().Be("bc");

        texts.Set(1, "longer than before");

        texts.Should().Equal("a", "longer than before", "d");
        texts.Length(1).Should().Be(18);
        texts.IndexOf("bc").Should().Be(-1);
    }

    [Fact]
    public void Set_PieceBehindTheLast_LeavesEmptyOnesBetween()
    {
        var texts = new PieceTexts("a");

        texts.Set(3, "d");

        texts.Should().Equal("a", "", "", "d");
    }

    [Fact]
    public void Add_CopyWithoutRoom_GrowsAndLeavesTheOriginal()
    {
        var texts = new PieceTexts("a", "b");
        var copy = new PieceTexts(texts, addedCount: 0);

        copy.Add("c");
        copy.AddUtf8("\u2581é🦙"u8);
        copy.ReplaceInLast('\u2581', ' ');
        copy.Set(0, "x");

        copy.ToArray().Should().Equal("x", "b", "c", " é🦙");
        texts.Should().Equal("a", "b");
    }

    [Fact]
    public void RemoveLast_ThenAdd_GivesItsIdToAnother()
    {
        var texts = new PieceTexts("a", "b");

        texts.RemoveLast();
        texts.Add("c");

        texts.Should().Equal("a", "c");
    }
}
