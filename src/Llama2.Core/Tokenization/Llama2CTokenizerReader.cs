using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Llama2.Tokenization;

/// <summary>
/// Reads <c>tokenizer.bin</c> of github.com/karpathy/llama2.c. The file contains neither types nor special ids, so those of Llama 2's vocabulary are
/// used. It does not state the number of tokens either; the last token ends at the end of the file. The exporter wrote a plain space instead of
/// U+2581, and put line feeds around the control pieces; the reader undoes both.
/// </summary>
internal static class Llama2CTokenizerReader
{
    // bytes 0-3 length of the longest piece | then for each token: 4 bytes score (float) | 4 bytes length | the piece in UTF-8
    private const int HeaderByteSize = 4;
    private const int TokenHeaderByteSize = 8;
    private const int UnknownId = 0;
    private const int BeginOfSequenceId = 1;
    private const int EndOfSequenceId = 2;
    private const int FirstByteId = 3;
    private const int FirstNormalId = FirstByteId + 256;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Vocabulary Read(ReadOnlySpan<byte> data, string source)
    {
        if (data.Length < HeaderByteSize)
            throw Fault(source, 0, "file size", Text(data.Length), "the file must start with the longest piece's length, 4 bytes");
        int longest = BinaryPrimitives.ReadInt32LittleEndian(data);
        if (longest is < 1 or > Vocabulary.MaxPieceByteSize)
            throw Fault(source, 0, "longest piece", Text(longest), "1 to 4,096 bytes are allowed");

        int count = CountTokens(data, source, longest);
        var pieces = new PieceTexts(count, data.Length - HeaderByteSize - (count * TokenHeaderByteSize));
        float[] scores = new float[count];
        var types = new PieceType[count];
        for (int id = 0, offset = HeaderByteSize; id < count; id++)
        {
            pieces.AddUtf8(ReadToken(data, source, longest, ref offset, out scores[id]));
            types[id] = Restore(pieces, id);
        }

        CheckSpecialPieces(pieces, source);
        return Vocabulary.Create(source, pieces, scores, types, new VocabularyOptions
        {
            UnknownId = UnknownId,
            BeginOfSequenceId = BeginOfSequenceId,
            EndOfSequenceId = EndOfSequenceId,
        });
    }

    // Tokens are counted and checked before they are stored, so that lists of the right size can be created. Lists that grow while they are filled would take
    // three times the memory.
    private static int CountTokens(ReadOnlySpan<byte> data, string source, int longest)
    {
        int count = 0;
        for (int offset = HeaderByteSize; offset < data.Length; count++)
        {
            if (count == Vocabulary.MaxCount)
                throw Fault(source, offset, "number of pieces", $"more than {Text(count)}", $"a vocabulary may have at most {Text(Vocabulary.MaxCount)} pieces");
            ReadToken(data, source, longest, ref offset, out _);
        }

        if (count < FirstNormalId)
        {
            string limit = $"the file must have at least {FirstNormalId} pieces: unknown, begin, end and 256 bytes; it is cut off, or is not a tokenizer.bin";
            throw Fault(source, data.Length, "number of pieces", Text(count), limit);
        }

        return count;
    }

    private static ReadOnlySpan<byte> ReadToken(ReadOnlySpan<byte> data, string source, int longest, ref int offset, out float score)
    {
        if (data.Length - offset < TokenHeaderByteSize)
            throw Fault(source, offset, "token", $"{data.Length - offset} bytes", "a score and a length take 8 bytes: the file is cut off");
        score = BinaryPrimitives.ReadSingleLittleEndian(data[offset..]);
        int length = BinaryPrimitives.ReadInt32LittleEndian(data[(offset + 4)..]);
        int rest = data.Length - offset - TokenHeaderByteSize;
        if (length < 0 || length > rest)
            throw Fault(source, offset + 4, "piece length", Text(length), $"{Text(rest)} bytes are left: the file is cut off or damaged");
        if (length > longest)
            throw Fault(source, offset + 4, "piece length", Text(length), $"according to the file's first field, a piece may have at most {Text(longest)} bytes");

        ReadOnlySpan<byte> bytes = data.Slice(offset + TokenHeaderByteSize, length);
        try
        {
            _strictUtf8.GetCharCount(bytes);
            offset += TokenHeaderByteSize + length;
            return bytes;
        }
        catch (DecoderFallbackException exception)
        {
            throw Fault(source, offset + TokenHeaderByteSize, "piece", $"not UTF-8 ({exception.Message})", "text must be UTF-8: the file is damaged");
        }
    }

    private static PieceType Restore(PieceTexts pieces, int id)
    {
        switch (id)
        {
            case UnknownId:
                return PieceType.Unknown;
            case BeginOfSequenceId or EndOfSequenceId:
                pieces.Set(id, pieces.Span(id).Trim('\n'));
                return PieceType.Control;
            case < FirstNormalId:
                return PieceType.Byte;
            default:
                pieces.ReplaceInLast(' ', Vocabulary.EscapedSpace);
                return PieceType.Normal;
        }
    }

    private static void CheckSpecialPieces(PieceTexts pieces, string source)
    {
        for (int id = FirstByteId; id < FirstNormalId; id++)
        {
            if (!Vocabulary.TryParseByte(pieces.Span(id), out byte value) || value != id - FirstByteId)
                throw Fault(source, null, $"piece {id}", pieces[id], $"it must be <0x{id - FirstByteId:X2}>, as in Llama 2's vocabulary");
        }
    }

    private static string Text(int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static ModelFormatException Fault(string source, long? offset, string field, string value, string limit) =>
        new(source, offset, field, value, limit);
}
