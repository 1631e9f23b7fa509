using System.Text.Json;
using CsCheck;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class ModelTokenizerTests
{
    [GoldenFact]
    public void Encode_GoldenCasesOfSentencePiece_HaveNoMismatch() =>
        TokenizerGoldenCases.Verify(ModelTokenizer.Load(RepositoryFiles.Golden("tokenizer", "tokenizer.model")));

    [GoldenFact]
    public void Load_Llama2CTokenizer_EncodesTheStoryOfTheGoldenModel()
    {
        ModelTokenizer tokenizer = ModelTokenizer.Load(RepositoryFiles.Golden("stories260k", "tok512.bin"));
        using JsonDocument index = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.Golden("index.json")));
        JsonElement model = index.RootElement.EnumerateArray().First(entry => entry.GetProperty("model").GetString()!.Contains("stories260K-F32"));
        int[] ids = [.. model.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32())];

        string text = tokenizer.Decode(ids.AsSpan());

        text.Should().StartWith("Once upon a time");
        tokenizer.VocabularySize.Should().Be(512);
        tokenizer.Encode(text, addBeginOfSequence: true).Should().Equal(ids);
        ids.Take(tokenizer.Encode("Once upon a time", true).Length).Should().Equal(tokenizer.Encode("Once upon a time", true));
    }

    [Fact]
    public void Encode_TextAlone_IsEncodedAsAPrompt()
    {
        using LlamaModel model = LlamaModel.Load(DemonstrationModel.Path);
        ModelTokenizer tokenizer = model.Tokenizer;

        tokenizer.Encode("The cat").Should().Equal(tokenizer.Encode("The cat", tokenizer.AddsBeginOfSequence));
        tokenizer.AddsBeginOfSequence.Should().BeTrue();
    }

    [GoldenFact]
    public void Encode_RepeatedCharacters_MergeFromTheLeft()
    {
        ModelTokenizer tokenizer = ModelTokenizer.Load(RepositoryFiles.Golden("tokenizer", "tokenizer.model"));
        // llama.cpp's vocabulary tests contain "!!!!!!". If ties were merged from the right, the "### " in Alpaca's prompt would be encoded
        // differently.
        tokenizer.Encode("!!!!!!", false).Should().Equal(1738, 6824, 21004);
        tokenizer.Encode("### Response:", false).Should().Equal(835, 13291, 29901);
        Texts(tokenizer, "\n### Response:").Should().Equal("\u2581", "<0x0A>", "##", "#", "\u2581Response", ":");
    }

    [Fact]
    public void Save_VocabularyOfAModel_IsReadBackTheSame()
    {
        using var folder = new TemporaryFolder();
        ModelTokenizer tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);
        const string Text = "Once upon a time, there was a café.\n<s>";

        tokenizer.Save(folder.File("tokenizer.model"));

        ModelTokenizer.Load(folder.File("tokenizer.model")).Encode(Text, addBeginOfSequence: true).Should().Equal(tokenizer.Encode(Text, addBeginOfSequence: true));
        folder.Names.Should().Equal(["tokenizer.model"], "no temporary file stays");
    }

    [Fact]
    public void Encode_EqualScores_MergeTheLeftmostPairFirst()
    {
        ModelTokenizer tokenizer = new TestVocabulary { Options = new() { BeginOfSequenceId = 1, AddDummyPrefix = false } }
            .Add("a").Add("aa", -1).Add("aaa", -2).CreateTokenizer();
        Texts(tokenizer, "aaa").Should().Equal("aaa");
        Texts(tokenizer, "aaaaa").Should().Equal("aa", "aaa");
        Texts(tokenizer, "aaaaaa").Should().Equal("aa", "aa", "aa");
    }

    [Fact]
    public void Encode_RandomVocabulariesAndTexts_EqualsTheDirectAlgorithm()
    {
        // Few letters, few scores and all piece types cause ties, overlaps and unused pieces in most samples.
        Gen<string> text = Gen.OneOf("a", "b", "c", " ", "\u2581", "\U0001F999", "\uD800", "é").List[0, 14].Select(string.Concat);
        Gen<string> pieceText = Gen.OneOf("a", "b", "c", "\u2581", "\U0001F999").List[1, 5].Select(string.Concat);
        Gen<(string, float, PieceType)> piece = Gen.Select(
            pieceText, Gen.OneOf(0f, -0f, -1f, -2f), Gen.OneOf(PieceType.Normal, PieceType.Normal, PieceType.Normal, PieceType.Unused, PieceType.UserDefined));
        Gen.Select(piece.List[0, 24], text.List[1, 12], Gen.Bool, Gen.Bool).Sample(
            (pieces, texts, hasBytes, addDummyPrefix) =>
            {
                var builder = new TestVocabulary(hasBytes);
                builder.Options = builder.Options with { AddDummyPrefix = addDummyPrefix };
                foreach ((string Text, float Score, PieceType Type) item in pieces.DistinctBy(item => item.Item1))
                    builder.Add(item.Text, item.Score, item.Type);
                Vocabulary vocabulary = builder.Create();
                ModelTokenizer tokenizer = ModelTokenizer.Create(vocabulary);
                foreach (string sample in texts)
                {
                    int[] ids = tokenizer.Encode(sample, false);
                    ids.Should().Equal(NaiveTokenizer.Encode(vocabulary, sample), "of '{0}'", sample);
                    tokenizer.Decode(ids.AsSpan()).Should().Be(NaiveTokenizer.Decode(vocabulary, ids));
                }
            },
            iter: 3000);
    }

    [Fact]
    public void Encode_ControlPiecesInText_ArePlainText()
    {
        ModelTokenizer tokenizer = TestVocabulary.Spm512();
        foreach (string text in new[] { "<s>", "</s>", "<unk>", "a</s><s>b", "<<s>s>", "<0x41>" })
        {
            int[] ids = tokenizer.Encode(text, addBeginOfSequence: false);
            ids.Should().OnlyContain(id => id > 2);
            tokenizer.Decode(ids.AsSpan()).Should().Be(text);
        }
    }

    [Fact]
    public void Encode_AnyText_HoldsExactlyTheControlTokensAskedFor()
    {
        ModelTokenizer tokenizer = TestVocabulary.Spm512();
        Gen.OneOf(Gen.String, Gen.OneOf("<s>", "</s>", "[INST]", " ", "<unk>").List[0, 6].Select(string.Concat)).Sample(text =>
        {
            int[] ids = tokenizer.Encode(text, addBeginOfSequence: true, addEndOfSequence: true);
            return ids[0] == 1 && ids[^1] == 2 && ids.Count(tokenizer.IsControl) == 2;
        });
    }

    [Fact]
    public void Encode_BeginTokenTypedAsText_IsStillNoText()
    {
        ModelTokenizer tokenizer = new TestVocabulary().Set(1, "<s>", PieceType.UserDefined).Add("<").Add("s").Add(">").Add("<s", -1).CreateTokenizer();
        tokenizer.Encode("<s>", addBeginOfSequence: false).Should().NotContain(1);
    }

    [Fact]
    public void Encode_EmptyText_GivesTheSpecialTokensAlone()
    {
        ModelTokenizer tokenizer = TestVocabulary.Spm512();
        tokenizer.Encode("", addBeginOfSequence: false).Should().BeEmpty();
        tokenizer.Encode("", addBeginOfSequence: true).Should().Equal(1);
        tokenizer.Encode("", addBeginOfSequence: true, addEndOfSequence: true).Should().Equal(1, 2);
    }

    [Fact]
    public void Encode_AppendingWithoutDummyPrefix_GoesOnFromTheTextBefore()
    {
        ModelTokenizer tokenizer = TestVocabulary.Spm512();
        List<int> ids = [7];
        tokenizer.Encode("the", ids, addDummyPrefix: false);
        ids[0].Should().Be(7);
        string.Concat(ids.Skip(1).Select(tokenizer.GetTokenText)).Should().Be("the");
        ids.Clear();
        tokenizer.Encode("the", ids);
        ids.Should().Equal(tokenizer.Encode("the", false));
    }

    [Fact]
    public void Encode_LoneSurrogates_GiveTheBytesOfTheReplacementCharacter()
    {
        ModelTokenizer tokenizer = new TestVocabulary { Options = new() { AddDummyPrefix = false } }.Add("x").CreateTokenizer();
        foreach (string text in new[] { "\uD800x", "\uDC00x" })
            Texts(tokenizer, text).Should().Equal("<0xEF>", "<0xBF>", "<0xBD>", "x");
        Texts(tokenizer, "\uD83E\uD83E\uDD99").Should().Equal("<0xEF>", "<0xBF>", "<0xBD>", "<0xF0>", "<0x9F>", "<0xA6>", "<0x99>");
    }

    [Fact]
    public void Encode_UserDefinedPieces_WinOverMergesAndTheLongestOverOthers()
    {
        ModelTokenizer tokenizer = new TestVocabulary().Add("\u2581").Add("a").Add("ab", 9).Add("b").Add("bc", 1, PieceType.UserDefined)
            .Add("bcd", -5, PieceType.UserDefined).Add("two words", 0, PieceType.UserDefined).CreateTokenizer();
        Texts(tokenizer, "abc").Should().Equal("\u2581", "a", "bc");
        Texts(tokenizer, "abcd").Should().Equal("\u2581", "a", "bcd");
        Texts(tokenizer, "two words").Should().Equal("\u2581", "two words");
    }

    [Fact]
    public void Encode_UnusedPieces_AreTakenApartIntoWhatTheyWereMergedFrom()
    {
        ModelTokenizer tokenizer = new TestVocabulary { Options = new() { AddDummyPrefix = false } }
            .Add("a").Add("b").Add("c").Add("ab", -1, PieceType.Unused).Add("abc", -2, PieceType.Unused).Add("abca", -3).CreateTokenizer();
        Texts(tokenizer, "abcb").Should().Equal("a", "b", "c", "b");
        Texts(tokenizer, "abca").Should().Equal("abca");
    }

    [Fact]
    public void Encode_UnknownCharactersWithoutBytePieces_AreOneUnknownTokenARun()
    {
        ModelTokenizer tokenizer = new TestVocabulary(hasBytes: false).Add("\u2581").Add("a").CreateTokenizer();
        tokenizer.Encode("äöüaß", false).Should().Equal(3, 0, 4, 0);
        tokenizer.Decode([3, 0, 4, 0]).Should().Be(" \u2047 a \u2047 ");
    }

    [Fact]
    public void EncodeWithControlTokens_SplitsAtControlPiecesAndPrefixesTheFirstPartOnly()
    {
        TestVocabulary vocabulary = new TestVocabulary().Add("\u2581").Add("a").Add("<s>>", 0, PieceType.Control);
        ModelTokenizer tokenizer = vocabulary.CreateTokenizer();
        int space = vocabulary.Id("\u2581"), a = vocabulary.Id("a");

        tokenizer.EncodeWithControlTokens("<s>a</s>a").Should().Equal(1, space, a, 2, a);
        tokenizer.EncodeWithControlTokens("a<s><s> a").Should().Equal(space, a, 1, 1, space, a);
        tokenizer.EncodeWithControlTokens("<s>>").Should().Equal([vocabulary.Id("<s>>")], "the longest control piece is taken");
        tokenizer.EncodeWithControlTokens("<unk>").Should().NotContain(0);
        tokenizer.EncodeWithControlTokens("").Should().BeEmpty();
    }

    [Fact]
    public void Encode_OverlongText_IsRefused()
    {
        ModelTokenizer tokenizer = TestVocabulary.Spm512();
        var text = new string('x', ModelTokenizer.MaxTextLength + 1);
        tokenizer.Invoking(t => t.Encode(text, false)).Should().Throw<ArgumentException>().WithMessage("*16,777,216*");
        tokenizer.Invoking(t => t.EncodeWithControlTokens(text)).Should().Throw<ArgumentException>();
        tokenizer.Invoking(t => t.CountTokens(text)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Encode_MissingBeginToken_IsRefused()
    {
        ModelTokenizer tokenizer = new TestVocabulary { Options = new() }.CreateTokenizer();
        tokenizer.BeginOfSequenceId.Should().Be(-1);
        tokenizer.Invoking(t => t.Encode("a", addBeginOfSequence: true)).Should().Throw<ArgumentException>();
        tokenizer.Invoking(t => t.Encode("a", false, addEndOfSequence: true)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void TokenQueries_TellTheKindsOfTokens()
    {
        ModelTokenizer tokenizer = TestVocabulary.Spm512();
        (tokenizer.VocabularySize, tokenizer.BeginOfSequenceId, tokenizer.EndOfSequenceId, tokenizer.UnknownId).Should().Be((512, 1, 2, 0));
        tokenizer.GetTokenText(1).Should().Be("<s>");
        tokenizer.GetTokenText(259).Should().Be("\u2581t");
        (tokenizer.IsControl(1), tokenizer.IsControl(0), tokenizer.IsControl(259)).Should().Be((true, false, false));
        (tokenizer.IsEndOfGeneration(2), tokenizer.IsEndOfGeneration(1)).Should().Be((true, false));
        foreach (int id in new[] { -1, 512, int.MinValue })
        {
            tokenizer.Invoking(t => t.GetTokenText(id)).Should().Throw<ArgumentOutOfRangeException>();
            tokenizer.Invoking(t => t.Decode([id])).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*0 to 511*");
        }
    }

    [Fact]
    public void Encode_FromManyThreads_GivesTheSameIds()
    {
        ModelTokenizer tokenizer = TestVocabulary.Spm512();
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => new string('a', i) + " the end é" + i)];
        int[][] serial = [.. texts.Select(text => tokenizer.Encode(text, true))];
        var parallel = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => parallel[i] = tokenizer.Encode(texts[i], true));
        parallel.Should().BeEquivalentTo(serial, options => options.WithStrictOrdering());
    }

    private static IEnumerable<string> Texts(ModelTokenizer tokenizer, string text) =>
        tokenizer.Encode(text, addBeginOfSequence: false).Select(tokenizer.GetTokenText);
}
