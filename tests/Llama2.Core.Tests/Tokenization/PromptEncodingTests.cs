using CsCheck;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>The encoding of prompts: user-defined pieces are found in the scaffolding, and data are never encoded as a user-defined piece.</summary>
public class PromptEncodingTests
{
    // Some user-defined pieces are prefixes of others, the texts of some could also result from merges, and some contain a space.
    private static readonly TestVocabulary s_vocabulary = new TestVocabulary()
        .Add("\u2581", -1).Add("a", -2).Add("b", -3).Add("ab", -4).Add("\u2581a", -5).Add("<", -6).Add(">", -7)
        .Add("<a>", -8, PieceType.UserDefined).Add("<a>b", -8, PieceType.UserDefined).Add("b>", -0.5f, PieceType.UserDefined)
        .Add("a b", -9, PieceType.UserDefined).Add("7", -9, PieceType.UserDefined).Add("8", -9, PieceType.Unused).Add("\U0001F999", -9, PieceType.UserDefined)
        .Add("<c>", -9, PieceType.Control);

    private static readonly ModelTokenizer s_tokenizer = s_vocabulary.CreateTokenizer();

    [Theory]
    [InlineData("|<a>|", "\u2581 < a >")]
    [InlineData("<a>||", "\u2581 <a>")]
    [InlineData("<a>|b|", "\u2581 <a> b")] // the longer piece would include a character of the data
    [InlineData("<|a|>", "\u2581 < a >")]
    [InlineData("|b>|", "\u2581 b >")] // merging the characters of the data would give the user-defined piece, too
    [InlineData("|a b|", "\u2581a \u2581 b")]
    [InlineData("a b||", "\u2581 a b")]
    [InlineData("|7|", "\u2581 <0x37>")]
    [InlineData("|8|", "\u2581 <0x38>")]
    [InlineData("7|7|7", "\u2581 7 <0x37> 7")]
    [InlineData("|\U0001F999|\U0001F999", "\u2581 <0xF0> <0x9F> <0xA6> <0x99> \U0001F999")]
    [InlineData("|<c><s><unk><0x0A>|", "\u2581 < <0x63> > < <0x73> > < <0x75> <0x6E> <0x6B> > < <0x30> <0x78> <0x30> <0x41> >")]
    [InlineData("|a\u2581b|", "\u2581a \u2581 b")]
    public void EncodePrompt_DataBetweenBars_BecomesNormalPiecesAndBytes(string marked, string expected) =>
        string.Join(' ', Encode(marked).Select(s_tokenizer.GetTokenText)).Should().Be(expected);

    [Fact]
    public void EncodePrompt_AnyData_BecomesNormalPiecesAndBytesOnly() =>
        Gen.OneOf((string[])["<a>", "<a>b", "b>", "a b", "7", "8", "<c>", "a", "b", "<", ">", " ", "\u2581", "\U0001F999", "\uD83E", "\uDD99", "<s>", "é"]).List[0, 8].Select(string.Concat)
            .Sample(text => Encode($"|{text}|").All(id => s_vocabulary.Types[id] is PieceType.Normal or PieceType.Byte));

    [Fact]
    public void EncodePrompt_VocabularyOfNormalPieces_GivesTheTokensOfPlainText()
    {
        ModelTokenizer tokenizer = TestVocabulary.Spm512();
        Gen.Select(Gen.String[0, 40], Gen.Int[0, 40], Gen.Int[0, 40]).Sample((text, first, second) =>
        {
            int start = Math.Min(Math.Min(first, second), text.Length), end = Math.Min(Math.Max(first, second), text.Length);
            List<int> ids = [], plain = [], ends = [];
            Encode(tokenizer, text, new TextRange(start, end), ids, ends);
            tokenizer.Encode(text, plain);
            ids.Should().Equal(plain);
            ends.Should().HaveSameCount(ids).And.BeInAscendingOrder();
            if (text.Length > 0)
                ends[^1].Should().Be(text.Length + 1, "with the dummy prefix");
        });
    }

    [Fact]
    public void Encode_PlainText_StillFindsUserDefinedPiecesAsSentencePieceDoes() =>
        s_tokenizer.Encode("<a>7", addBeginOfSequence: false).Select(s_tokenizer.GetTokenText).Should().Equal("\u2581", "<a>", "7");

    // Scaffolding, data, scaffolding.
    private static List<int> Encode(string marked)
    {
        string[] parts = marked.Split('|');
        var ids = new List<int>();
        Encode(s_tokenizer, string.Concat(parts), new TextRange(parts[0].Length, parts[0].Length + parts[1].Length), ids, ends: null);
        return ids;
    }

    // These vocabularies change no character, so the text begins after the dummy prefix.
    private static void Encode(ModelTokenizer tokenizer, string text, TextRange data, List<int> ids, List<int>? ends)
    {
        using NormalizedText normalized = tokenizer.NormalizePrompt(text, isStart: true);
        int shift = normalized.PrefixLength;
        tokenizer.EncodePrompt(normalized.Text, [new TextRange(data.Start + shift, data.End + shift)], ids, ends);
    }
}
