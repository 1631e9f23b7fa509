using System.Text;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Input;

public class LineReaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("\n", "")]
    [InlineData("a\n\nbc", "a", "", "bc")]
    public async Task ReadAsync_Lines_ComeOneByOne(string text, params string[] expected) =>
        (await ReadAllAsync(text, maxLineByteSize: 8)).Should().Equal(expected);

    [Fact]
    public async Task ReadAsync_LinesAcrossTheBuffersEnd_ComeWhole()
    {
        string[] lines = [.. Enumerable.Range(0, 60).Select(i => new string((char)('a' + (i % 26)), i * 211)), new string('x', 200_000)];

        (await ReadAllAsync(string.Join('\n', lines), maxLineByteSize: 200_000)).Should().Equal(lines);
    }

    [Theory]
    [InlineData(200_000, "\n")]
    [InlineData(200_000, "")]
    [InlineData(10, "\n")]
    [InlineData(10, "")]
    public async Task ReadAsync_LineAboveTheLimit_NamesItsNumber(int limit, string end)
    {
        await new Func<Task>(() => ReadAllAsync("a\n" + new string('b', limit + 1) + end, limit)).Should().ThrowAsync<CommandException>().WithMessage("line 2 has more than*");
        (await ReadAllAsync("a\n" + new string('b', limit) + end, limit)).Should().HaveCount(2);
    }

    // A device such as /dev/zero never ends a line. Zero bytes cannot be text, so they are refused before the maximum length of a line is reached.
    [Fact]
    public async Task ReadAsync_EndlessZeros_AreRefusedAtOnce()
    {
        using var zeros = new ZeroStream();

        await FluentActions.Awaiting(() => new LineReader(zeros, 1 << 30).ReadAsync(CancellationToken.None).AsTask()).Should().ThrowAsync<CommandException>().WithMessage("line 1 has a zero byte*");

        zeros.ReadCount.Should().BeLessThanOrEqualTo(1 << 16);
    }

    [Fact]
    public async Task ReadAsync_ZeroByteInALaterLine_NamesItAfterThoseBefore()
    {
        var reader = new LineReader(new MemoryStream("a\nb\nc\0c\nd\n"u8.ToArray()), 8);
        (await reader.ReadAsync(CancellationToken.None)).Should().NotBeNull();
        (await reader.ReadAsync(CancellationToken.None)).Should().NotBeNull();

        await FluentActions.Awaiting(() => reader.ReadAsync(CancellationToken.None).AsTask()).Should().ThrowAsync<CommandException>().WithMessage("line 3 has a zero byte*");
    }

    // The longest allowed line fits into the buffer, and the lines after it are read too.
    [Theory]
    [InlineData(1 << 17)]
    [InlineData((1 << 17) - 1)]
    [InlineData((1 << 17) + 1)]
    public async Task ReadAsync_LongestLines_ComeWhole(int limit)
    {
        string[] lines = [new string('a', limit), "b", new string('c', limit), new string('d', limit)];

        (await ReadAllAsync(string.Join('\n', lines), limit)).Should().Equal(lines);
    }

    private static async Task<List<string>> ReadAllAsync(string text, int maxLineByteSize)
    {
        var reader = new LineReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), maxLineByteSize);
        var lines = new List<string>();
        while (await reader.ReadAsync(CancellationToken.None) is { } line)
            lines.Add(Encoding.UTF8.GetString(line.Span));
        reader.LineNumber.Should().Be(lines.Count);
        return lines;
    }

    private sealed class ZeroStream : MemoryStream
    {
        public long ReadCount { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Clear();
            ReadCount += buffer.Length;
            return new(buffer.Length);
        }
    }
}
