using System.Buffers.Binary;
using System.Text;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class Llama2CTokenizerReaderTests
{
    [Fact]
    public void Read_SmallFile_RestoresControlPiecesAndSpaces()
    {
        Vocabulary vocabulary = TokenizerFile.Parse(File(" the", "a b"), "test.bin");
        vocabulary.Count.Should().Be(261);
        vocabulary.Pieces.Take(3).Should().Equal("<unk>", "<s>", "</s>");
        vocabulary.Types[..4].ToArray().Should().Equal(PieceType.Unknown, PieceType.Control, PieceType.Control, PieceType.Byte);
        vocabulary.Pieces[259].Should().Be("\u2581the");
        vocabulary.Pieces[260].Should().Be("a\u2581b");
        vocabulary.Scores[260].Should().Be(-260);
        vocabulary.Options.Should().Be(new VocabularyOptions { UnknownId = 0, BeginOfSequenceId = 1, EndOfSequenceId = 2 });
    }

    [Fact]
    public void Parse_EveryPrefixOfAFile_LoadsOrIsRefused()
    {
        byte[] file = File(" the", "he", "\U0001F999");
        int loaded = 0;
        for (int length = 0; length <= file.Length; length++)
        {
            try
            {
                ModelTokenizer.Create(TokenizerFile.Parse(file[..length], "test.bin")).Encode("the", true).Should().NotBeEmpty();
                loaded++;
            }
            catch (ModelFormatException)
            {
                continue;
            }
        }

        loaded.Should().Be(4, "the file may end after any piece from the last byte on");
    }

    [Fact]
    public void Parse_DamagedFiles_LoadOrAreRefused()
    {
        byte[] file = File(" the", "he", "\U0001F999");
        var random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 4000; i++)
        {
            byte[] damaged = [.. file];
            for (int change = random.Next(1, 4); change > 0; change--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                ModelTokenizer.Create(TokenizerFile.Parse(damaged, "test.bin")).Encode("the", true).Should().NotBeEmpty();
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        refused.Should().BeInRange(100, 3999);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(1000)]
    public void Read_PieceLengthOutOfBounds_IsRefused(int length)
    {
        byte[] file = File(" the");
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(file.Length - 8), length);
        Refuse(file, "piece length");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(4097)]
    [InlineData(int.MinValue)]
    public void Read_LongestPieceOutOfBounds_IsRefused(int longest)
    {
        byte[] file = File(" the");
        BinaryPrimitives.WriteInt32LittleEndian(file, longest);
        FluentActions.Invoking(() => Llama2CTokenizerReader.Read(file, "f")).Should().Throw<ModelFormatException>().Which.Field.Should().Be("longest piece");
    }

    [Fact]
    public void Read_PieceLongerThanTheFileSays_IsRefused() => Refuse(File(new string('x', 65)), "piece length");

    [Fact]
    public void Read_BytePiecesOutOfPlace_AreRefused()
    {
        foreach (string piece in new[] { "<0x-1>", "<0xZZ>", "<0x01>" })
        {
            byte[] file = File(" the");
            Encoding.UTF8.GetBytes(piece).CopyTo(file, file.AsSpan().IndexOf("<0x00>"u8));
            Refuse(file, "piece 3");
        }
    }

    [Fact]
    public void Read_ScoreOrTextThatIsNone_IsRefused()
    {
        byte[] file = File(" the");
        BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(file.Length - 12), float.NaN);
        Refuse(file, "score of piece 259");
        file = File(" the");
        file[^1] = 0xFF;
        Refuse(file, "piece");
    }

    private static void Refuse(byte[] file, string field) =>
        FluentActions.Invoking(() => TokenizerFile.Parse(file, "test.bin")).Should().Throw<ModelFormatException>().Which.Field.Should().Be(field);

    private static byte[] File(params string[] pieces)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(64);
        string[] all = ["<unk>", "\n<s>\n", "\n</s>\n", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), .. pieces];
        for (int id = 0; id < all.Length; id++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(all[id]);
            writer.Write(id < 259 ? 0f : -(float)id);
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }

        return stream.ToArray();
    }
}
