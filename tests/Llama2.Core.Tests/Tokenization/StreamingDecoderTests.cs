using System.Text;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

public class StreamingDecoderTests
{
    private static readonly string _path = RepositoryFiles.Committed("tests", "data", "spm512.model");
    private static readonly Vocabulary _vocabulary = TokenizerFile.Read(_path);
    private static readonly ModelTokenizer _tokenizer = ModelTokenizer.Create(_vocabulary);

    [Fact]
    public void Append_MillionRandomSequences_JoinToTheWholeDecode()
    {
        Parallel.For(0, 8, part =>
        {
            var random = new Random(part);
            var ids = new List<int>();
            var streamed = new StringBuilder();
            for (int i = 0; i < 125_000; i++)
            {
                ids.Clear();
                string? text = (i & 1) == 0 ? null : RandomText(random);
                if (text is null)
                    AddRandomTokens(random, ids);
                else
                    _tokenizer.Encode(text, ids);

                streamed.Clear();
                StreamingDecoder decoder = _tokenizer.CreateStreamingDecoder();
                foreach (int id in ids)
                    AppendWhole(streamed, decoder.Append(id));
                AppendWhole(streamed, decoder.Flush());

                string result = streamed.ToString();
                string expected = text is null
                    ? NaiveTokenizer.Decode(_vocabulary, ids.ToArray())
                    : NaiveTokenizer.WithoutLoneSurrogates(text).Replace('\u2581', ' ');
                if (result != expected || _tokenizer.Decode(ids.ToArray().AsSpan()) != expected)
                    throw new InvalidOperationException($"Seed {part}, sequence {i}: [{string.Join(", ", ids)}] gave '{result}', not '{expected}'.");
            }
        });
    }

    [Fact]
    public void Append_FirstPieces_DropOneDummyPrefixOnly()
    {
        int t = Id("\u2581t");
        StreamingDecoder decoder = _tokenizer.CreateStreamingDecoder();
        new[] { 1, t, t }.Select(decoder.Append).Should().Equal("", "t", " t");
        decoder = _tokenizer.CreateStreamingDecoder(keepLeadingSpace: true);
        new[] { 1, t, t }.Select(decoder.Append).Should().Equal("", " t", " t");
        decoder = _tokenizer.CreateStreamingDecoder();
        new[] { ByteId(0x41), t }.Select(decoder.Append).Should().Equal("A", " t");
        decoder = _tokenizer.CreateStreamingDecoder();
        new[] { Id("\u2581"), t }.Select(decoder.Append).Should().Equal("", " t");
    }

    [Fact]
    public void Append_CharacterSpelledInBytes_ComesWhole()
    {
        StreamingDecoder decoder = _tokenizer.CreateStreamingDecoder();
        Encoding.UTF8.GetBytes("\U0001F999é!").Select(value => decoder.Append(ByteId(value)))
            .Should().Equal("", "", "", "\U0001F999", "", "é", "!");
        decoder.Flush().Should().BeEmpty();
    }

    [Fact]
    public void Append_MalformedBytes_GiveAReplacementEach()
    {
        StreamingDecoder decoder = _tokenizer.CreateStreamingDecoder();
        decoder.Append(ByteId(0xE2)).Should().BeEmpty();
        decoder.Append(ByteId(0x96)).Should().BeEmpty();
        decoder.Append(Id("\u2581t")).Should().Be("\uFFFD\uFFFD t");
        decoder.Append(ByteId(0xFF)).Should().Be("\uFFFD");
        decoder.Append(ByteId(0xF0)).Should().BeEmpty();
        decoder.Append(ByteId(0x41)).Should().Be("\uFFFDA");
        decoder.Append(ByteId(0xF0)).Should().BeEmpty();
        decoder.Append(2).Should().Be("\uFFFD", "a control token ends the bytes before it");
        decoder.Append(ByteId(0xC3)).Should().BeEmpty();
        decoder.Flush().Should().Be("\uFFFD");
        decoder.Flush().Should().BeEmpty();
    }

    [Fact]
    public void Append_UnknownId_IsRefusedAndLeavesTheDecoderAsItWas()
    {
        StreamingDecoder decoder = _tokenizer.CreateStreamingDecoder();
        decoder.Append(ByteId(0xC3));
        decoder.Invoking(d => d.Append(512)).Should().Throw<ArgumentOutOfRangeException>();
        decoder.Invoking(d => d.Append(-1)).Should().Throw<ArgumentOutOfRangeException>();
        decoder.Append(ByteId(0xA9)).Should().Be("é");
    }

    [Fact]
    public void Append_OrdinaryPieces_AllocateNothing()
    {
        int[] ids = [1, .. Enumerable.Range(259, 253), ByteId(0x0A), 0, 2];
        StreamingDecoder decoder = _tokenizer.CreateStreamingDecoder();
        int length = Run(decoder, ids);
        long before = GC.GetAllocatedBytesForCurrentThread();
        length += Run(decoder, ids);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        length.Should().BeGreaterThan(2 * 253);
    }

    private static int Run(StreamingDecoder decoder, int[] ids)
    {
        int length = 0;
        foreach (int id in ids)
            length += decoder.Append(id).Length;
        return length;
    }

    private static void AppendWhole(StringBuilder text, string part)
    {
        if (part.Length > 0 && (char.IsLowSurrogate(part[0]) || char.IsHighSurrogate(part[^1])))
            throw new InvalidOperationException($"A character was split after '{text}'.");
        text.Append(part);
    }

    private static string RandomText(Random random) =>
        string.Create(random.Next(1, 14), random, static (span, r) =>
        {
            foreach (ref char character in span)
            {
                character = r.Next(8) switch
                {
                    0 => ' ',
                    1 => (char)r.Next(0x80),
                    2 => (char)r.Next(0x80, 0x800),
                    3 => (char)r.Next(0x800, 0x10000),
                    4 => (char)r.Next(0xD800, 0xE000),
                    _ => (char)r.Next('a', 'z' + 1),
                };
            }

            // Half of the texts contain a complete surrogate pair.
            if (span.Length > 2 && r.Next(2) == 0)
                (span[0], span[1]) = ((char)r.Next(0xD800, 0xDC00), (char)r.Next(0xDC00, 0xE000));
        });

    private static void AddRandomTokens(Random random, List<int> ids)
    {
        int count = random.Next(1, 14);
        for (int i = 0; i < count; i++)
        {
            switch (random.Next(6))
            {
                case 0:
                    ids.Add(random.Next(_tokenizer.VocabularySize));
                    break;
                case 1:
                    ids.Add(random.Next(3));
                    break;
                case 2:
                    // The lead bytes after which the next byte decides whether the sequence is valid.
                    ids.Add(ByteId((byte)new[] { 0xC0, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5 }[random.Next(8)]));
                    break;
                case 3:
                    foreach (byte value in Encoding.UTF8.GetBytes(new Rune(random.Next(0x10000, 0x110000)).ToString()).AsSpan(0, random.Next(1, 5)))
                        ids.Add(ByteId(value));
                    break;
                default:
                    ids.Add(ByteId((byte)random.Next(0x80, 0xC0)));
                    break;
            }
        }
    }

    private static int ByteId(byte value) => 3 + value;

    private static int Id(string piece)
    {
        int id = _vocabulary.Pieces.IndexOf(piece);
        id.Should().BeGreaterThan(0);
        return id;
    }
}
