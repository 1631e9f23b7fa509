using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class VocabularyTests
{
    [Theory]
    [InlineData("<0x-1>")]
    [InlineData("<0xZZ>")]
    [InlineData("<0x+1>")]
    [InlineData("<0x 1>")]
    [InlineData("<0x1>")]
    [InlineData("<0x041>")]
    [InlineData("<0X41>")]
    [InlineData("0x41")]
    [InlineData("")]
    [InlineData("<0x１１>")]
    public void Create_MalformedBytePiece_IsRefused(string piece)
    {
        Vocabulary.TryParseByte(piece, out _).Should().BeFalse();
        Refuse(new TestVocabulary().Set(3, piece, PieceType.Byte), "byte piece");
        // As part of an ordinary piece, the text has no special meaning.
        new TestVocabulary().Add(piece + "x").Create().Count.Should().Be(260);
    }

    [Fact]
    public void TryParseByte_EveryByte_RoundTrips()
    {
        for (int expected = 0; expected < 256; expected++)
        {
            Vocabulary.TryParseByte($"<0x{expected:X2}>", out byte upper).Should().BeTrue();
            Vocabulary.TryParseByte($"<0x{expected:x2}>", out byte lower).Should().BeTrue();
            (upper, lower).Should().Be(((byte)expected, (byte)expected));
        }
    }

    [Fact]
    public void Create_ByteTwiceOrMissing_IsRefused()
    {
        Refuse(new TestVocabulary().Add("<0x41>", 0, PieceType.Byte), "byte piece");
        Refuse(new TestVocabulary(hasBytes: false).Add("<0x41>", 0, PieceType.Byte), "byte piece count");
    }

    [Fact]
    public void Create_OverlongPiece_IsRefusedAtOneByteMore()
    {
        new TestVocabulary().Add(new string('x', 4096)).Create().Count.Should().Be(260);
        Refuse(new TestVocabulary().Add(new string('x', 4097)), "piece 259");
        Refuse(new TestVocabulary().Add(new string('é', 2049)), "piece 259");
        Refuse(new TestVocabulary().Add("\uD800"), "piece 259");
    }

    [Fact]
    public void Create_IdsOutOfRange_AreRefused()
    {
        foreach (int id in new[] { -2, 259, int.MaxValue, int.MinValue })
        {
            Refuse(new TestVocabulary { Options = new() { BeginOfSequenceId = id } }, "begin-of-sequence id");
            Refuse(new TestVocabulary { Options = new() { EndOfSequenceId = id } }, "end-of-sequence id");
            Refuse(new TestVocabulary { Options = new() { UnknownId = id } }, "unknown id");
        }
    }

    [Fact]
    public void Create_TwoUnknownPieces_AreRefused()
    {
        Refuse(new TestVocabulary().Add("<unk2>", 0, PieceType.Unknown), "type of piece 259");
        Refuse(new TestVocabulary { Options = new() { UnknownId = 5 } }, "unknown id");
        Refuse(new TestVocabulary(hasBytes: false) { Options = new() }.Set(0, "a", PieceType.Normal), "unknown id");
    }

    // The texts of these pieces are not created in advance.
    [Fact]
    public void Decode_LargestVocabulary_GivesTheTextsOfItsPieces()
    {
        ModelTokenizer tokenizer = ModelTokenizer.Create(TokenizerFile.Parse(LargestVocabularies.SentencePiece("\u2581", PieceType.Normal), "test"));
        tokenizer.VocabularySize.Should().Be(Vocabulary.MaxCount);

        for (int round = 0; round < 2; round++)
        {
            tokenizer.Decode([1, 94, 95, 0]).Should().Be("! ~ !! \u2047 ");
            tokenizer.GetTokenText(95).Should().Be("\u2581!!");
            tokenizer.Encode("!", addBeginOfSequence: false).Should().Equal(1);
        }
    }

    [Fact]
    public void Parse_OnePieceTooMany_IsRefused() =>
        FluentActions.Invoking(() => TokenizerFile.Parse(LargestVocabularies.SentencePiece("", PieceType.Normal, Vocabulary.MaxCount + 1), "test"))
            .Should().Throw<ModelFormatException>().WithMessage("*262,145*at most 262,144 pieces*");

    [Fact]
    public void Create_CountsThatDiffer_AreRefused()
    {
        Refuse(new TestVocabulary().DropScore(), "score count");
        Refuse(new TestVocabulary().DropType(), "piece type count");
        FluentActions.Invoking(() => Vocabulary.Create("test", new PieceTexts(), [], [], new())).Should().Throw<ModelFormatException>();
        const int Count = Vocabulary.MaxCount + 1;
        FluentActions.Invoking(() => Vocabulary.Create("test", new PieceTexts([.. Enumerable.Repeat("", Count)]), new float[Count], new PieceType[Count], new()))
            .Should().Throw<ModelFormatException>().Which.Field.Should().Be("vocabulary size");
    }

    [Fact]
    public void Create_ScoreOrTypeOutOfRange_IsRefused()
    {
        Refuse(new TestVocabulary().Add("a", float.NaN), "score of piece 259");
        Refuse(new TestVocabulary().Add("a", 0, (PieceType)7), "type of piece 259");
        Refuse(new TestVocabulary().Add("a", 0, 0), "type of piece 259");
        new TestVocabulary().Add("a", float.NegativeInfinity).Add("b", float.PositiveInfinity).Create().Count.Should().Be(261);
    }

    [Fact]
    public void Create_TooMuchControlText_IsRefused()
    {
        // Control and user-defined pieces may have 786,432 characters together; <s> and </s> take seven of them.
        var vocabulary = new TestVocabulary();
        for (int i = 0; i < 191; i++)
            vocabulary.Add(new string('a', 4096), 0, i % 2 == 0 ? PieceType.Control : PieceType.UserDefined);
        vocabulary.Add(new string('a', 4096 - 7), 0, PieceType.Control);
        vocabulary.Create().Count.Should().Be(451);
        vocabulary.Add("a", 0, PieceType.Control);
        Refuse(vocabulary, "text of control and user-defined pieces");
    }

    private static void Refuse(TestVocabulary vocabulary, string field) =>
        vocabulary.Invoking(v => v.Create()).Should().Throw<ModelFormatException>().Which.Field.Should().StartWith(field);
}
