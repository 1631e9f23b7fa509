using System.Buffers.Binary;
using System.Text;

namespace Llama2.Tokenization;

/// <summary>Writes a vocabulary as SentencePiece's <c>tokenizer.model</c>, whose layout is described in <see cref="SentencePieceModelReader"/>.</summary>
internal static class SentencePieceModelWriter
{
    private const int BytePairModel = 2;
    private const int VarintWire = 0, BytesWire = 2, SingleWire = 5;

    /// <summary>Returns the bytes of the file.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="path">The file, for error messages.</param>
    /// <exception cref="ModelFormatException">
    /// The format cannot express the vocabulary: it has a piece without text, two equal pieces, an order of merges that scores cannot express, or
    /// pieces that include the space before them.
    /// </exception>
    public static byte[] Write(Vocabulary vocabulary, string path)
    {
        VocabularyOptions options = vocabulary.Options;
        if (options.Merges is not null)
            throw new ModelFormatException(path, null, "merges", "in an order that scores of pieces cannot express", "a SentencePiece model has only scores; keep the tokenizer.json, or convert to GGUF");
        if (options.PrefixedIds.Count > 0)
            throw new ModelFormatException(path, null, $"'{vocabulary.Pieces[options.PrefixedIds[0]]}'", "an added token that includes the space before it", "a SentencePiece model cannot express that; keep the tokenizer.json, or convert to GGUF");
        var model = new MemoryStream();
        for (int id = 0; id < vocabulary.Count; id++)
        {
            var piece = new MemoryStream();
            WriteText(piece, 1, vocabulary.Pieces.Span(id));
            WriteSingle(piece, 2, vocabulary.Scores[id]);
            WriteInteger(piece, 3, (int)vocabulary.Types[id]);
            WriteBytes(model, 1, piece.ToArray());
        }

        var trainer = new MemoryStream();
        WriteInteger(trainer, 3, BytePairModel);
        WriteInteger(trainer, 35, vocabulary.ByteIds.IsEmpty ? 0 : 1);
        WriteInteger(trainer, 40, options.UnknownId);
        WriteInteger(trainer, 41, options.BeginOfSequenceId);
        WriteInteger(trainer, 42, options.EndOfSequenceId);
        WriteText(trainer, 44, options.UnknownText);
        WriteBytes(model, 2, trainer.ToArray());

        var normalizer = new MemoryStream();
        WriteText(normalizer, 1, options.CharacterMap is null ? "identity" : "user_defined");
        if (options.CharacterMap is { } map)
            WriteBytes(normalizer, 2, map.Bytes.ToArray());
        WriteInteger(normalizer, 3, options.AddDummyPrefix ? 1 : 0);
        WriteInteger(normalizer, 4, options.RemoveExtraSpaces ? 1 : 0);
        WriteInteger(normalizer, 5, 1);
        WriteBytes(model, 3, normalizer.ToArray());

        byte[] bytes = model.ToArray();
        SentencePieceModelReader.Read(bytes, path);
        return bytes;
    }

    private static void WriteText(MemoryStream stream, int field, ReadOnlySpan<char> text)
    {
        byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        WriteBytes(stream, field, utf8);
    }

    private static void WriteBytes(MemoryStream stream, int field, byte[] bytes)
    {
        WriteTag(stream, field, BytesWire);
        WriteVarint(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    // A negative number is written as a varint of 64 bits in two's complement.
    private static void WriteInteger(MemoryStream stream, int field, long value)
    {
        WriteTag(stream, field, VarintWire);
        WriteVarint(stream, (ulong)value);
    }

    private static void WriteSingle(MemoryStream stream, int field, float value)
    {
        WriteTag(stream, field, SingleWire);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void WriteTag(MemoryStream stream, int field, int wire) => WriteVarint(stream, (ulong)((field << 3) | wire));

    private static void WriteVarint(MemoryStream stream, ulong value)
    {
        for (; value > 127; value >>= 7)
            stream.WriteByte((byte)((value & 127) | 128));
        stream.WriteByte((byte)value);
    }
}
