using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Llama2.Cli.Terminal;
using Llama2.Formats;

namespace Llama2.Cli.Input;

/// <summary>Reads whole texts from files and streams.</summary>
internal static class TextFile
{
    private const int MinBufferByteSize = 1 << 16;
    // The size in UTF-8 bytes of the longest text that the tokenizer accepts.
    private const int MaxByteSize = 3 * ModelTokenizer.MaxTextLength;

    /// <summary>Reads a whole file, or a pipe to its end. The encoding is UTF-16 if the file begins with the byte order mark of UTF-16, otherwise UTF-8.</summary>
    /// <exception cref="CommandException">
    /// The file is larger than the longest text that the tokenizer accepts, or its encoding is neither UTF-8 nor UTF-16.
    /// </exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        return await ReadAsync(file, $"'{path}'", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a stream to its end, in the same encodings as a file.</summary>
    /// <param name="stream">The stream; it is left open.</param>
    /// <param name="name">The file's name in messages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CommandException">
    /// The stream has more bytes than the longest text that the tokenizer accepts, or its encoding is neither UTF-8 nor UTF-16.
    /// </exception>
    public static async Task<string> ReadAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        // A pipe has no known length, and a device may never end.
        byte[] bytes = new byte[stream.CanSeek ? Math.Clamp(stream.Length, MinBufferByteSize, MaxByteSize) + 1 : MinBufferByteSize];
        int length = 0;
        for (int count; (count = await stream.ReadAsync(bytes.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0;)
        {
            length += count;
            if (length > MaxByteSize)
            {
                throw new CommandException(string.Create(
                    CultureInfo.InvariantCulture, $"{name} has more than {MaxByteSize:N0} bytes, which is the maximum. Use a part of it."));
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(2 * length, MaxByteSize + 1));
            }
        }

        return Decode(bytes.AsSpan(0, length), name);
    }

    private static string Decode(ReadOnlySpan<byte> bytes, string name)
    {
        switch (bytes)
        {
            case [0xFF, 0xFE, .. var text]: return DecodeUtf16(text, isBigEndian: false, name);
            case [0xFE, 0xFF, .. var text]: return DecodeUtf16(text, isBigEndian: true, name);
            case [0xEF, 0xBB, 0xBF, .. var text]: bytes = text; break;
        }

        return Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : throw new CommandException($"{name} has {Utf8Text.Describe(bytes[Utf8Text.IndexOfInvalid(bytes)])}; {Utf8Text.Remedy}.");
    }

    private static string DecodeUtf16(ReadOnlySpan<byte> bytes, bool isBigEndian, string name)
    {
        try
        {
            return new UnicodeEncoding(isBigEndian, byteOrderMark: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            string fault = bytes.Length % 2 != 0 ? "its number of bytes is odd" : "it has half of a surrogate pair";
            throw new CommandException($"{name} begins with the byte order mark of UTF-16, but is not valid UTF-16: {fault}; save it again as UTF-16 or UTF-8.", exception);
        }
    }
}
