using System.Buffers.Binary;
using System.Globalization;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Formats.Llama2C;
using Llama2.Formats.SafeTensors;

namespace Llama2.Tokenization;

/// <summary>
/// Reads a tokenizer from its own file, or from the file or folder of a model that has a tokenizer inside or beside it. The format is detected from
/// the content, and the reader of this format is called.
/// </summary>
internal static class TokenizerFile
{
    public const int MaxByteSize = 64 << 20;

    /// <summary>Reads a tokenizer's own file, or finds and reads the tokenizer of a model's file or folder.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or uses a feature that this library does not support.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Vocabulary Read(string path)
    {
        if (Directory.Exists(path))
            return new HuggingFaceTokenizer(path).Read();

        using FileStream file = RegularFile.Open(path);
        Span<byte> start = stackalloc byte[Llama2CHeader.StartByteSize];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (GgufFile.HasMagic(start))
        {
            using IModelFile gguf = GgufParts.Open(path);
            return GgufVocabularyReader.Read(gguf);
        }

        if (SafeTensorsFile.HasStart(start))
            return new HuggingFaceTokenizer(ModelFolder.Of(path)).Read();
        if (Llama2CHeader.HasStart(start, file.Length))
            return ReadOwn(FindBeside(path) ?? throw new ModelFormatException(path, null, "tokenizer", "absent", "a llama2.c checkpoint contains none; put its tokenizer.bin or tokenizer.model beside it"));
        return ReadOwn(file, path);
    }

    /// <summary>
    /// Reads a tokenizer's own file, which is never treated as a model. If a file that looks like a model were treated as one, a tokenizer beside it
    /// would be searched for, and the same file would be found again.
    /// </summary>
    /// <exception cref="ModelFormatException">The file is malformed, or uses a feature that this library does not support.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Vocabulary ReadOwn(string path)
    {
        using FileStream file = RegularFile.Open(path);
        return ReadOwn(file, path);
    }

    /// <summary>Finds the file of the tokenizer beside a checkpoint that contains no tokenizer; null if there is no such file.</summary>
    public static string? FindBeside(string path) =>
        ((string[])["tokenizer.bin", "tokenizer.model", "tokenizer.json"]).Select(name => Path.Combine(ModelFolder.Of(path), name)).FirstOrDefault(File.Exists);

    /// <summary>Parses the bytes of a tokenizer's own file, without copying them.</summary>
    /// <exception cref="ModelFormatException">The file is malformed, or uses a feature that this library does not support.</exception>
    public static Vocabulary Parse(byte[] data, string source) =>
        data is [(byte)'{', ..] or [0xEF, 0xBB, 0xBF, (byte)'{', ..] ? TokenizerJsonReader.Read(TokenizerJson.Parse(data, source))
        : IsLlama2C(data) ? Llama2CTokenizerReader.Read(data, source)
        : SentencePieceModelReader.Read(data, source);

    private static Vocabulary ReadOwn(FileStream file, string path)
    {
        if (file.Length > MaxByteSize)
        {
            string size = file.Length.ToString("N0", CultureInfo.InvariantCulture);
            throw new ModelFormatException(path, null, "file size", $"{size} bytes", "at most 64 MiB are allowed, and tokenizers are smaller: is this the model itself?");
        }

        byte[] data = new byte[file.Length];
        file.Position = 0;
        data.AsSpan(file.ReadAtLeast(data, data.Length, throwOnEndOfStream: false)..).Clear();
        return Parse(data, path);
    }

    /// <summary>
    /// A tokenizer.bin of llama2.c starts with the length of its longest piece as a 32-bit integer, whose upper two bytes are zero. In a
    /// SentencePiece model, which is protobuf, a zero byte there would be a field with the number 0, which does not exist. So no such model starts
    /// like this.
    /// </summary>
    private static bool IsLlama2C(ReadOnlySpan<byte> data) =>
        data.Length >= 4 && BinaryPrimitives.ReadInt32LittleEndian(data) is >= 1 and <= Vocabulary.MaxPieceByteSize;
}
