using System.Text;
using Llama2.Evaluation.Sandboxes;

namespace Llama2.Evaluation.Tests.Sandboxes;

public class LineReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100000)]
    public void Read_Lines_AreFoundInPiecesOfAnySize(int pieceSize)
    {
        string[] lines = ["a", "", new string('b', 5000), "c d", new string('e', 9000)];
        var reader = new LineReader(new PieceStream(Encoding.UTF8.GetBytes($"{string.Join('\n', lines)}\nincomplete"), pieceSize), 9000);

        lines.Select(_ => Encoding.UTF8.GetString(reader.Read()!.Value.Span)).Should().Equal(lines);
        reader.Read().Should().BeNull();
        reader.Read().Should().BeNull();
    }

    [Fact]
    public void Read_LineThatIsTooLong_Throws()
    {
        var reader = new LineReader(new PieceStream(new byte[100_000], 100), 9000);

        FluentActions.Invoking(() => reader.Read()).Should().Throw<InvalidDataException>().WithMessage("*more than 9,000 bytes*");
    }

    // Returns at most a number of bytes at a time, as a pipe may do.
    private sealed class PieceStream(byte[] content, int pieceSize) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, pieceSize));
    }
}
