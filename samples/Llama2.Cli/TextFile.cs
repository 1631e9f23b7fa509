using System.Globalization;

namespace Llama2.Cli;

/// <summary>Texts that a command reads whole.</summary>
internal static class TextFile
{
    // The longest text that the tokenizer takes, in UTF-8.
    private const int MaximumByteSize = 3 * LlamaTokenizer.MaximumTextLength;

    /// <exception cref="CommandException">The file is larger than any text that the tokenizer takes.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        long byteSize = new FileInfo(path).Length;
        return byteSize <= MaximumByteSize
            ? await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)
            : throw new CommandException(string.Create(
                CultureInfo.InvariantCulture, $"'{path}' has {byteSize:N0} bytes; {MaximumByteSize:N0} are allowed. Use a part of it."));
    }
}
