using System.Buffers.Binary;
using System.Globalization;
using Llama2.Formats.Gguf;

namespace Llama2.Tokenization;

/// <summary>Hands a tokenizer's file to the reader of its format, which the first bytes tell.</summary>
internal static class TokenizerFile
{
    public const int MaximumByteSize = 64 << 20;

    public static Vocabulary Read(string path)
    {
        byte[] data;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            Span<byte> magic = stackalloc byte[4];
            if (GgufFile.HasMagic(magic[..file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)]))
            {
                using var gguf = GgufFile.Open(path);
                return GgufVocabularyReader.Read(gguf);
            }

            file.Position = 0;
            if (file.Length > MaximumByteSize)
            {
                string size = file.Length.ToString("N0", CultureInfo.InvariantCulture);
                throw new ModelFormatException(path, -1, "file size", $"{size} bytes", "a tokenizer's file has at most 64 MiB: is this the model itself?");
            }

            data = new byte[file.Length];
            data.AsSpan(file.ReadAtLeast(data, data.Length, throwOnEndOfStream: false)..).Clear();
        }

        return Parse(data, path);
    }

    public static Vocabulary Parse(ReadOnlySpan<byte> data, string source)
    {
        if (data.Length > 0 && data[0] == '{')
            throw Fault(source, "JSON", "tokenizer.json is not supported; use the tokenizer.model beside it");
        return IsLlama2C(data) ? Llama2CTokenizerReader.Read(data, source) : SentencePieceModelReader.Read(data, source);
    }

    /// <summary>
    /// llama2.c's file starts with its longest piece's length as a 32-bit integer. As protobuf those two zero bytes would be a field
    /// number 0, so no SentencePiece model starts like that.
    /// </summary>
    private static bool IsLlama2C(ReadOnlySpan<byte> data) =>
        data.Length >= 4 && BinaryPrimitives.ReadInt32LittleEndian(data) is >= 1 and <= Vocabulary.MaximumPieceByteSize;

    private static ModelFormatException Fault(string source, string value, string limit) => new(source, 0, "format", value, limit);
}
