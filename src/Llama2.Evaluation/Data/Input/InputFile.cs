using System.IO.Compression;
using System.Text;
using static System.FormattableString;

namespace Llama2.Evaluation.Data.Input;

/// <summary>Opens files to read, decompressed if their name ends in <c>.gz</c>, and with limits.</summary>
internal static class InputFile
{
    private const string Compressed = ".gz";

    /// <summary>The extension of a file's name in lower case, without the extension of its compression: <c>.jsonl</c> of <c>a.JSONL.gz</c>.</summary>
    public static string Extension(string path) =>
        Path.GetExtension(IsCompressed(path) ? path[..^Compressed.Length] : path).ToLowerInvariant();

    /// <summary>Opens a file as a stream of its decompressed bytes.</summary>
    /// <exception cref="EvaluationDataException">The file is missing, is a pipe or a device, or cannot be read; reading throws it beyond the limit.</exception>
    public static Stream Open(string path, DataOptions options)
    {
        FileStream file = OpenRaw(path);
        if (!IsCompressed(path) && file.Length > options.MaxByteSize)
        {
            file.Dispose();
            throw DataFault.InFile(path, Invariant($"it has more than {options.MaxByteSize:N0} bytes; if you trust it, allow more with {nameof(DataOptions)}.{nameof(DataOptions.MaxByteSize)}"));
        }

        return new ByteLimitStream(IsCompressed(path) ? new GZipStream(file, CompressionMode.Decompress) : file, path, options.MaxByteSize);
    }

    /// <summary>Opens a file for reading at any position, not decompressed.</summary>
    /// <exception cref="EvaluationDataException">The file is missing, empty, a pipe or a device, or cannot be read.</exception>
    public static FileStream OpenRaw(string path)
    {
        try
        {
            // Opening a pipe without a writer blocks, and a device may never end. Both have the length 0 before they are opened.
            FileSystemInfo file = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) ?? new FileInfo(path);
            if (file is FileInfo { Exists: true, Length: 0 })
                throw DataFault.InFile(path, "it is empty, or it is a pipe or a device, which are not read; give a file with rows");
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DataFault.InFile(path, exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>Opens a file as text in UTF-8, without its byte order mark.</summary>
    /// <exception cref="EvaluationDataException">As <see cref="Open"/>.</exception>
    public static StreamReader OpenText(string path, DataOptions options) =>
        new(Open(path, options), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));

    /// <summary>Reads a whole file, decompressed, and without its byte order mark.</summary>
    /// <exception cref="EvaluationDataException">As <see cref="Open"/>, or the file is larger than an array can be.</exception>
    public static ReadOnlyMemory<byte> ReadAll(string path, DataOptions options)
    {
        if (options.MaxByteSize > Array.MaxLength)
            options = options with { MaxByteSize = Array.MaxLength };
        using Stream stream = Open(path, options);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        Memory<byte> content = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        return content.Span.StartsWith("\uFEFF"u8) ? content[3..] : content;
    }

    private static bool IsCompressed(string path) => path.EndsWith(Compressed, StringComparison.OrdinalIgnoreCase);
}
