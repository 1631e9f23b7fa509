using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class SentencePieceModelReaderTests
{
    // Verified with SentencePiece 0.1.97: it searches for user-defined pieces in the text in which U+2581 replaces spaces.
    [Fact]
    public void Read_UserDefinedPieceWithASpace_IsNeverEncoded()
    {
        byte[] bytes = new ModelProtoWriter().SpecialPieces().Piece("a b", 0, 4).Piece("c\u2581d", 0, 4).Piece("\u2581", -1).Piece("a", -2).Piece("b", -3).Specs().ToArray();
        var tokenizer = ModelTokenizer.Create(SentencePieceModelReader.Read(bytes, "test"));

        tokenizer.Encode("a b c d", addBeginOfSequence: false).Select(tokenizer.GetTokenText).Should().Equal("\u2581", "a", "\u2581", "b", "\u2581", "c\u2581d");
    }

    private static ModelProtoWriter Model => new ModelProtoWriter().SpecialPieces().Piece("\u2581").Piece("a");

    [Fact]
    public void Read_SmallModel_TakesPiecesAndSettings()
    {
        Vocabulary vocabulary = Read(Model
            .Message(2, ModelProtoWriter.Trainer().Integer(40, 0).Integer(41, -1).Integer(42, 2).Text(44, "?"))
            .Message(3, ModelProtoWriter.Normalizer().Integer(3, 0))
            .Integer(200, 7).Single(201, 1).Raw(0xD1, 0x0C, 1, 2, 3, 4, 5, 6, 7, 8));
        vocabulary.Count.Should().Be(261);
        vocabulary.Pieces[260].Should().Be("a");
        vocabulary.Options.Should().Be(new VocabularyOptions
        {
            UnknownId = 0,
            BeginOfSequenceId = -1,
            EndOfSequenceId = 2,
            AddDummyPrefix = false,
            UnknownText = "?",
        });
    }

    [Fact]
    public void Read_MissingSettings_HaveTheDefaultsOfTheFormat()
    {
        VocabularyOptions options = Read(Model.Specs()).Options;
        (options.UnknownId, options.BeginOfSequenceId, options.EndOfSequenceId, options.AddDummyPrefix, options.UnknownText)
            .Should().Be((0, 1, 2, true, " \u2047 "));
    }

    [Fact]
    public void Read_PieceWithNul_IsAnOrdinaryPiece()
    {
        ModelTokenizer tokenizer = ModelTokenizer.Create(Read(Model.Piece("\0").Piece("a\0", 5).Specs()));
        tokenizer.Encode("a\0", false).Should().Equal(259, 262);
    }

    [Theory]
    [InlineData(1, "unigram")]
    [InlineData(3, "word")]
    [InlineData(4, "char")]
    [InlineData(9, "9")]
    public void Read_OtherModelTypes_AreRefusedByName(int type, string name) =>
        Refuse(Model.Message(2, new ModelProtoWriter().Integer(3, type).Integer(35, 1)).Message(3, ModelProtoWriter.Normalizer()), name);

    [Fact]
    public void Read_Normalizers_AreRefusedByName()
    {
        ModelProtoWriter trained = Model.Message(2, ModelProtoWriter.Trainer());
        byte[] start = trained.ToArray();
        ModelProtoWriter With(int field, ModelProtoWriter spec) => new ModelProtoWriter().Raw(start).Message(field, spec);
        Refuse(With(3, new ModelProtoWriter().Text(1, "nmt_nfkc").Bytes(2, new byte[300_000]).Integer(4, 0)), "precompiled_charsmap");
        Refuse(With(3, ModelProtoWriter.Normalizer().Integer(5, 0)), "escape_whitespaces");
        Refuse(With(5, new ModelProtoWriter().Bytes(2, [1, 2, 3])), "DenormalizerSpec");
        Refuse(With(2, new ModelProtoWriter().Integer(24, 1)), "treat_whitespace_as_suffix");
        Read(With(5, new ModelProtoWriter().Text(1, "")).Message(3, ModelProtoWriter.Normalizer())).Count.Should().Be(261);
    }

    [Fact]
    public void Read_HostilePieces_AreRefused()
    {
        Refuse(Model.Piece(new string('x', 100_000)).Specs(), "100,000 bytes long");
        Refuse(Model.Piece("a").Specs(), "same text");
        Refuse(Model.Piece("").Specs(), "empty");
        Refuse(Model.Piece("<unk2>", 0, 2).Specs(), "unknown");
        Refuse(Model.Piece("b", 0, 7).Specs(), "type");
        Refuse(Model.Piece("b", 0, -1).Specs(), "type");
        Refuse(Model.Piece("b", float.NaN).Specs(), "NaN");
        Refuse(Model.Piece("<0x-1>", 0, 6).Specs(), "byte piece");
        Refuse(Model.Piece("<0xZZ>", 0, 6).Specs(), "byte piece");
        Refuse(Model.Specs(hasBytes: false), "byte_fallback");
        Refuse(new ModelProtoWriter().SpecialPieces(hasBytes: false).Piece("a").Specs(), "byte_fallback");
        Refuse(Model.Message(1, new ModelProtoWriter().Bytes(1, [0xFF, 0xFE])).Specs(), "UTF-8");
        Refuse(new ModelProtoWriter().Specs(hasBytes: false), "vocabulary size");
        Refuse(Model.Message(2, ModelProtoWriter.Trainer().Integer(41, 1L << 40)), "bos_id");
        Refuse(Model.Message(2, ModelProtoWriter.Trainer().Integer(41, 5000)).Message(3, ModelProtoWriter.Normalizer()), "begin-of-sequence id");
    }

    [Fact]
    public void Read_BrokenWireFormat_IsRefused()
    {
        Refuse(new ModelProtoWriter().Raw(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01), "bytes are left");
        Refuse(new ModelProtoWriter().Raw(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07), "bytes are left");
        Refuse(new ModelProtoWriter().Raw([.. Enumerable.Repeat((byte)0xFF, 11)]), "ten bytes");
        Refuse(new ModelProtoWriter().Raw(0x0B, 0x0C), "wire type");
        Refuse(new ModelProtoWriter().Raw(0x33), "wire type");
        Refuse(new ModelProtoWriter().Raw(0x00, 0x00), "field number");
        Refuse(new ModelProtoWriter().Integer(1, 5), "wire type");
        Refuse(new ModelProtoWriter(), "vocabulary size", "model_type");
        // A message that is nested thousands of times is just a field of bytes to a reader that does not recurse.
        var nested = new ModelProtoWriter();
        for (int depth = 0; depth < 2000; depth++)
            nested = new ModelProtoWriter().Message(1, nested);
        Refuse(nested, "");
    }

    [Fact]
    public void Parse_EveryPrefixOfAModel_LoadsOrIsRefused()
    {
        byte[] model = File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "spm512.model"));
        int loaded = 0;
        for (int length = 0; length <= model.Length; length++)
            loaded += TryUse(model.AsSpan(0, length)) ? 1 : 0;
        // The following files can load: the complete file, and the file cut where the normalizer's last field ends or where only fields with defaults are
        // missing.
        loaded.Should().BeInRange(1, 4);
    }

    [Fact]
    public void Parse_DamagedModels_LoadOrAreRefused()
    {
        byte[] model = File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "spm512.model"));
        var random = new Random(7);
        int loaded = 0;
        for (int i = 0; i < 4000; i++)
        {
            byte[] damaged = [.. model];
            for (int change = random.Next(1, 4); change > 0; change--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            loaded += TryUse(damaged) ? 1 : 0;
        }

        loaded.Should().BeInRange(100, 3900);
    }

    [Fact]
    public void Load_OtherFormats_AreRefusedByName()
    {
        FluentActions.Invoking(() => TokenizerFile.Parse("GGUF\u0003\0\0\0"u8.ToArray(), "f")).Should().Throw<ModelFormatException>();
        FluentActions.Invoking(() => TokenizerFile.Parse("{}"u8.ToArray(), "f")).Should().Throw<ModelFormatException>().WithMessage("*model is missing*");
        FluentActions.Invoking(() => ModelTokenizer.Load(Path.Combine(RepositoryFiles.Root, "no such file"))).Should().Throw<FileNotFoundException>();
    }

    [Fact]
    public void Load_FileOver64MiB_IsRefusedUnread()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.OpenWrite(path))
                file.SetLength(TokenizerFile.MaxByteSize + 1L);
            FluentActions.Invoking(() => ModelTokenizer.Load(path)).Should().Throw<ModelFormatException>().WithMessage("*64 MiB*");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Vocabulary Read(ModelProtoWriter model) => TokenizerFile.Parse(model.ToArray(), "test.model");

    private static bool TryUse(ReadOnlySpan<byte> data)
    {
        try
        {
            ModelTokenizer tokenizer = ModelTokenizer.Create(TokenizerFile.Parse(data.ToArray(), "test.model"));
            tokenizer.Decode(tokenizer.Encode("the \U0001F999 <s>aaa", false).AsSpan()).Should().NotBeNull();
            return true;
        }
        catch (ModelFormatException)
        {
            return false;
        }
    }

    private static void Refuse(ModelProtoWriter model, params string[] anyOf) =>
        FluentActions.Invoking(() => Read(model)).Should().Throw<ModelFormatException>()
            .Which.Message.Should().Match(message => anyOf.Any(part => message.Contains(part, StringComparison.Ordinal)));
}
