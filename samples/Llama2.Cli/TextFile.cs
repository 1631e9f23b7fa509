using System.Globalization;
using System.Text;

namespace Llama2.Cli;

/// <summary>Texts that a command reads whole.</summary>
internal static class TextFile
{
    // The longest text that the tokenizer takes, in UTF-8.
    private const int MinBufferByteSize = 1 << 16;
    private const int MaximumByteSize = 3 * LlamaTokenizer.MaximumTextLength;

    /// <summary>Reads a file, or a pipe to its end, as UTF-8, or as UTF-16 where a byte order mark says so.</summary>
    /// <exception cref="CommandException">The file is larger than any text that the tokenizer takes.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        // A pipe has no length to ask for, and a device no end.
        byte[] bytes = new byte[file.CanSeek ? Math.Clamp(file.Length, MinBufferByteSize, MaximumByteSize) + 1 : MinBufferByteSize];
        int length = 0;
        for (int count; (count = await file.ReadAsync(bytes.AsMemory(length), cancellationToken).ConfigureAwait(false)) > 0;)
        {
            length += count;
            if (length > MaximumByteSize)
            {
                throw new CommandException(string.Create(
                    CultureInfo.InvariantCulture, $"'{path}' has more than {MaximumByteSize:N0} bytes, the most that is read. Use a part of it."));
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(2 * length, MaximumByteSize + 1));
            }
        }

        return Decode(bytes.AsSpan(0, length));
    }

    private static string Decode(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, .. var text] => Encoding.UTF8.GetString(text),
        [0xFF, 0xFE, .. var text] => Encoding.Unicode.GetString(text),
        [0xFE, 0xFF, .. var text] => Encoding.BigEndianUnicode.GetString(text),
        _ => Encoding.UTF8.GetString(bytes),
    };
}
