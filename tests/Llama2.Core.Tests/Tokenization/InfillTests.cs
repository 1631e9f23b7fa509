using Llama2.Architectures;
using Llama2.Tests.Formats.Gguf;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>Prompts for filling a gap, with Code Llama's tokens.</summary>
public sealed class InfillTests : IDisposable
{
    private static readonly PieceType[] s_types = [PieceType.Control, PieceType.UserDefined, PieceType.Normal];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\u2581<PRE>", "\u2581<SUF>", "\u2581<MID>")]
    [InlineData("<PRE>", "<SUF>", "<MID>")]
    [InlineData("<fim_prefix>", "<fim_suffix>", "<fim_middle>")]
    [InlineData("<fim-prefix>", "<fim-suffix>", "<fim-middle>")]
    [InlineData("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")]
    public void InfillTokens_PiecesOfKnownNames_AreFoundWhateverTheirType(string prefix, string suffix, string middle)
    {
        foreach (PieceType type in s_types)
        {
            TestVocabulary vocabulary = new TestVocabulary().Add(suffix, type: type).Add(prefix, type: type).Add("a").Add(middle, type: type);

            vocabulary.CreateTokenizer().InfillTokens.Should().Be(new InfillTokens(vocabulary.Id(prefix), vocabulary.Id(suffix), vocabulary.Id(middle)));
        }
    }

    [Theory]
    [InlineData()]
    [InlineData("\u2581<PRE>", "\u2581<SUF>")]
    [InlineData("\u2581<PRE>", "<SUF>", "\u2581<MID>")]
    [InlineData("<pre>", "<suf>", "<mid>")]
    public void InfillTokens_NotAllThreeNamesOfAModel_AreNull(params string[] pieces)
    {
        var vocabulary = new TestVocabulary();
        foreach (string piece in pieces)
            vocabulary.Add(piece, type: PieceType.Control);
        ModelTokenizer tokenizer = vocabulary.CreateTokenizer();

        tokenizer.InfillTokens.Should().BeNull();
        tokenizer.Invoking(it => it.EncodeInfill("a", "b")).Should().Throw<InvalidOperationException>().WithMessage("*Code Llama*");
    }

    [Theory]
    [InlineData("fim_pre_token_id", "fim_suf_token_id", "fim_mid_token_id")]
    [InlineData("prefix_token_id", "suffix_token_id", "middle_token_id")]
    public void InfillTokens_IdsThatAGgufFileStates_AreThese(string prefix, string suffix, string middle)
    {
        ModelTokenizer tokenizer = Load(TinyModel.Describe().Add(VocabularyKeys.Prefix + prefix, 7u).Add(VocabularyKeys.Prefix + suffix, 5u).Add(VocabularyKeys.Prefix + middle, 6u));

        tokenizer.InfillTokens.Should().Be(new InfillTokens(7, 5, 6));
        var metadata = new Dictionary<string, object>();
        VocabularyMetadata.Add(metadata, tokenizer.Vocabulary);
        metadata[VocabularyKeys.InfillPrefixId].Should().Be(7u);
        metadata[VocabularyKeys.InfillSuffixId].Should().Be(5u);
        metadata[VocabularyKeys.InfillMiddleId].Should().Be(6u);
    }

    [Theory]
    [InlineData(7u, 5u, uint.MaxValue)]
    [InlineData(7u, 5u, 5u)]
    [InlineData(7u, 5u, 99_999u)]
    public void InfillTokens_IdsOfAGgufFileThatCannotBeUsed_AreIgnored(uint prefix, uint suffix, uint middle) =>
        Load(TinyModel.Describe().Add(VocabularyKeys.InfillPrefixId, prefix).Add(VocabularyKeys.InfillSuffixId, suffix).Add(VocabularyKeys.InfillMiddleId, middle)).InfillTokens.Should().BeNull();

    [Fact]
    public void EncodeInfill_Texts_AreInTheOrderOfCodeLlama()
    {
        foreach (PieceType type in s_types)
        {
            ModelTokenizer tokenizer = CodeLlama(type).CreateTokenizer();

            int[] ids = tokenizer.EncodeInfill("ab", "b a");

            // The prefix gets the dummy prefix, and the suffix does not, as in Meta's code.
            ids.Select(tokenizer.GetTokenText).Should().Equal("<s>", "\u2581<PRE>", "\u2581", "a", "b", "\u2581<SUF>", "b", "\u2581", "a", "\u2581<MID>");
        }
    }

    [Fact]
    public void EncodeInfill_EmptyTexts_HasOnlyTheTokens()
    {
        TestVocabulary vocabulary = CodeLlama(PieceType.UserDefined);
        ModelTokenizer tokenizer = vocabulary.CreateTokenizer();

        tokenizer.EncodeInfill("", "").Should().Equal(1, vocabulary.Id("\u2581<PRE>"), vocabulary.Id("\u2581<SUF>"), vocabulary.Id("\u2581<MID>"));
        vocabulary.Options = vocabulary.Options with { AddBeginOfSequence = false };
        vocabulary.CreateTokenizer().EncodeInfill("", "")[0].Should().Be(vocabulary.Id("\u2581<PRE>"));
    }

    [Fact]
    public void EncodeInfill_TextThatSpellsTheTokens_IsText()
    {
        foreach (PieceType type in s_types)
            CheckThatTheTextStaysText(CodeLlama(type));
    }

    [Fact]
    public void EncodeInfill_TextThatIsTooLong_IsRefused()
    {
        ModelTokenizer tokenizer = CodeLlama(PieceType.Control).CreateTokenizer();

        tokenizer.Invoking(it => it.EncodeInfill("", new string('a', ModelTokenizer.MaxTextLength + 1))).Should().Throw<ArgumentException>().WithMessage("*16,777,217*");
    }

    private static void CheckThatTheTextStaysText(TestVocabulary vocabulary)
    {
        ModelTokenizer tokenizer = vocabulary.CreateTokenizer();
        InfillTokens tokens = tokenizer.InfillTokens!;

        int[] ids = tokenizer.EncodeInfill("a <PRE> <SUF> <MID> <EOT> </s>", "\u2581<MID> <PRE> <SUF>");

        ids.Count(id => id == tokens.PrefixId).Should().Be(1);
        ids.Count(id => id == tokens.SuffixId).Should().Be(1);
        ids.Count(id => id == tokens.MiddleId).Should().Be(1);
        ids.Should().NotContain(vocabulary.Id("\u2581<EOT>")).And.NotContain(2);
    }

    private static TestVocabulary CodeLlama(PieceType type) => new TestVocabulary().Add("\u2581").Add("a").Add("b").Add("<").Add(">").Add("P").Add("R").Add("E")
        .Add("\u2581<PRE>", type: type).Add("\u2581<MID>", type: type).Add("\u2581<SUF>", type: type).Add("\u2581<EOT>", type: type);

    private ModelTokenizer Load(GgufBuilder file)
    {
        string path = _folder.File("model.gguf");
        File.WriteAllBytes(path, file.Build());
        return ModelTokenizer.Load(path);
    }
}
