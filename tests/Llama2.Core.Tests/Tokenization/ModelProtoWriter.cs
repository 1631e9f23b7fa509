using System.Buffers.Binary;
using System.Text;

namespace Llama2.Tests.Tokenization;

/// <summary>Writes protobuf fields, so that tests can create tokenizer.model files, including malformed ones.</summary>
internal sealed class ModelProtoWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public ModelProtoWriter Integer(int field, long value) => Varint((ulong)field << 3).Varint((ulong)value);

    public ModelProtoWriter Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    public ModelProtoWriter Message(int field, ModelProtoWriter message) => Bytes(field, message.ToArray());

    public ModelProtoWriter Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public ModelProtoWriter Bytes(int field, byte[] bytes)
    {
        Varint(((ulong)field << 3) | 2).Varint((ulong)bytes.Length);
        return Raw(bytes);
    }

    public ModelProtoWriter Single(int field, float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        Varint(((ulong)field << 3) | 5);
        return Raw(bytes);
    }

    public ModelProtoWriter Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
        return this;
    }

    public ModelProtoWriter Piece(string text, float score = 0, int type = 1) =>
        Message(1, new ModelProtoWriter().Text(1, text).Single(2, score).Integer(3, type));

    /// <summary>The unknown, begin and end pieces and, optionally, byte pieces.</summary>
    public ModelProtoWriter SpecialPieces(bool hasBytes = true)
    {
        Piece("<unk>", 0, 2).Piece("<s>", 0, 3).Piece("</s>", 0, 3);
        for (int value = 0; hasBytes && value < 256; value++)
            Piece($"<0x{value:X2}>", 0, 6);
        return this;
    }

    /// <summary>The trainer and normalizer specifications of a model like Llama's.</summary>
    public ModelProtoWriter Specs(bool hasBytes = true) => Message(2, Trainer(hasBytes)).Message(3, Normalizer());

    public static ModelProtoWriter Trainer(bool hasBytes = true) => new ModelProtoWriter().Integer(3, 2).Integer(35, hasBytes ? 1 : 0);

    public static ModelProtoWriter Normalizer() => new ModelProtoWriter().Text(1, "identity").Integer(4, 0);
}
