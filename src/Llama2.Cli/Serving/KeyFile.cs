using System.Security.Cryptography;
using System.Text;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Serving;

/// <summary>A server's file of API keys.</summary>
internal static class KeyFile
{
    /// <summary>The size in bytes of the largest file that a server reads.</summary>
    public const int MaxByteSize = 1 << 20;

    /// <summary>Reads a file, and checks that each of its lines is empty, a comment or an entry with the hash of a key.</summary>
    /// <param name="file">The file, at its beginning.</param>
    /// <param name="path">The path of the file, for the message.</param>
    /// <exception cref="CommandException">The file is larger than <see cref="MaxByteSize"/>, or has another line.</exception>
    public static string Read(FileStream file, string path)
    {
        if (!file.CanSeek)
            throw new CommandException($"'{path}' is not a file of keys: it is a pipe or a device.");
        if (file.Length > MaxByteSize)
            throw new CommandException(Invariant($"'{path}' is not a file of keys: it has more than {MaxByteSize:N0} bytes, the limit."));
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        string text = Encoding.UTF8.GetString(bytes);
        string[] lines = text.TrimStart('\uFEFF').Split('\n');
        int wrong = Array.FindIndex(lines, line => !IsAllowed(line.Trim()));
        // The message does not quote the line, which may be a key that was written instead of its hash.
        return wrong < 0 ? text : throw new CommandException(Invariant(
            $"'{path}' is not a file of keys: line {wrong + 1} is neither a comment that begins with # nor 'NAME:sha256:' and 64 hexadecimal digits."));
    }

    /// <summary>Checks that a file exists.</summary>
    /// <param name="path">The path of the file; null for none.</param>
    /// <returns>The path.</returns>
    /// <exception cref="CommandException">There is no such file.</exception>
    public static string? Require(string? path) => path is null || File.Exists(path)
        ? path
        : throw new CommandException($"There is no file '{path}'; 'llama2 key NAME --keys {path}' creates it.");

    private static bool IsAllowed(string line) =>
        line.Length == 0 || line[0] == '#'
        || (line.Split(':') is [{ Length: > 0 }, "sha256", { Length: 2 * SHA256.HashSizeInBytes } digits] && digits.All(char.IsAsciiHexDigit));
}
