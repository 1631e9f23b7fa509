using Llama2.Formats.Gguf;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.Gguf;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class GgufVocabularyReaderTests
{
    private static readonly string[] s_pieces = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "\u2581", "a", "b", "\u2581a", "ab"];

    // llama.cpp writes its "no token", -1, as a signed or as an unsigned number.
    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(-1)]
    public void Read_EndOfSequenceOfNoToken_IsNone(object none)
    {
        using GgufFile file = TinyModel.Describe(endOfSequence: none).Open();
        GgufVocabularyReader.Read(file).Options.EndOfSequenceId.Should().Be(-1);
        using LlamaModel model = LlamaModel.Load(file, new LlamaModelOptions { ThreadCount = 1 }, progress: null, CancellationToken.None);
        model.Tokenizer.Encode("abc", addBeginOfSequence: true).Should().StartWith([1]);
    }

    // In llama.cpp, a missing score is 0, a missing type means normal text, and byte pieces are found by their names.
    [Fact]
    public void Read_FileWithoutScores_MergesFromTheLeft()
    {
        Vocabulary vocabulary = Read(builder => builder.Add("tokenizer.ggml.token_type", Types()));

        vocabulary.Scores.ToArray().Should().OnlyContain(score => score == 0);
        Encode(vocabulary, "ab").Should().Equal("\u2581a", "b");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_FileWithoutTypes_FindsBytesAndTheUnknownPieceByName(bool namesUnknown)
    {
        Vocabulary vocabulary = Read(builder => (namesUnknown ? builder.Add("tokenizer.ggml.unknown_token_id", 0u) : builder).Add("tokenizer.ggml.scores", Scores()));

        vocabulary.Types[0].Should().Be(PieceType.Unknown);
        vocabulary.Types[1].Should().Be(PieceType.Control);
        vocabulary.ByteIds.Length.Should().Be(256);
        Encode(vocabulary, "ab\u00e9").Should().Equal("\u2581a", "b", "<0xC3>", "<0xA9>");
        ModelTokenizer.Create(vocabulary).Decode([262, 261, 198, 172]).Should().Be("ab\u00e9");
    }

    [Fact]
    public void Read_FileWithoutTypesAndWithoutSomeBytes_TakesThemForText()
    {
        Vocabulary vocabulary = Read(
            builder => builder.Add("tokenizer.ggml.unknown_token_id", 0u).Add("tokenizer.ggml.scores", new float[6]), ["<unk>", "<s>", "</s>", "<0x41>", "\u2581", "a"]);
        vocabulary.ByteIds.IsEmpty.Should().BeTrue();
        vocabulary.Types[3].Should().Be(PieceType.Normal);
    }

    // convert-hf-to-gguf.py padded vocabularies in this way from April to July 2024.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_PadsTypedUnknown_AreUnused(bool namesUnknown)
    {
        string[] pieces = [.. s_pieces, "[PAD264]", "[PAD265]"];
        Vocabulary vocabulary = Read(
            builder => (namesUnknown ? builder.Add("tokenizer.ggml.unknown_token_id", 0u) : builder)
                .Add("tokenizer.ggml.scores", (float[])[.. Scores(), -10_000, -10_000]).Add("tokenizer.ggml.token_type", (int[])[.. Types(), 2, 2]),
            pieces);

        vocabulary.Options.UnknownId.Should().Be(0);
        vocabulary.Types[^2..].ToArray().Should().Equal(PieceType.Unused, PieceType.Unused);
        Encode(vocabulary, "ab [PAD264]").Should().StartWith(["\u2581a", "b"]).And.NotContain("[PAD264]");
    }

    [Theory]
    [InlineData(new[] { 0, 264 })]
    [InlineData(new[] { -1, 0 })]
    [InlineData(new[] { 260 })]
    public void Read_MergeIdsOutOfRangeOrOdd_AreRefused(int[] ids) =>
        FluentActions.Invoking(() => Read(builder => builder.Add("tokenizer.ggml.merge_ids", ids))).Should().Throw<ModelFormatException>().WithMessage("*merge_ids*");

    private static float[] Scores() => [.. s_pieces.Select((_, id) => -(float)id)];

    private static int[] Types() => [.. s_pieces.Select((piece, id) => id == 0 ? 2 : id < 3 ? 3 : piece.StartsWith("<0x", StringComparison.Ordinal) ? 6 : 1)];

    private static Vocabulary Read(Func<GgufBuilder, GgufBuilder> add, string[]? pieces = null)
    {
        byte[] bytes = add(new GgufBuilder().Add("general.architecture", "llama").Add("tokenizer.ggml.model", "llama").Add("tokenizer.ggml.tokens", pieces ?? s_pieces)).Build();
        using GgufFile file = GgufFile.Open(new MemoryByteSource(bytes));
        return GgufVocabularyReader.Read(file);
    }

    private static string[] Encode(Vocabulary vocabulary, string text)
    {
        ModelTokenizer tokenizer = ModelTokenizer.Create(vocabulary);
        return [.. tokenizer.Encode(text, addBeginOfSequence: false).Select(tokenizer.GetTokenText)];
    }
}
