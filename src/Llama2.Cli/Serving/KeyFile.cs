using System.Text;
using Llama2.Cli.Terminal;
using Llama2.Server;
using Llama2.Server.Security;

namespace Llama2.Cli.Serving;

/// <summary>A server's file of API keys. What it may contain is defined by the server's own reader.</summary>
internal static class KeyFile
{
    /// <summary>Adds an entry to a file, which is created if it does not exist.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="entry">The line with the name and the hash of a key.</param>
    /// <exception cref="CommandException">
    /// The file is not a file of keys that a server can read, or would not be one afterwards; it is left unchanged. Or its folder does not exist.
    /// </exception>
    public static void Append(string path, string entry)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        // Only the owner may read a new file: the hashes do not reveal the keys, but they show who has one.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using var file = new FileStream(path, options);
            byte[] content = Read(file, path);
            byte[] line = Encoding.UTF8.GetBytes($"{(content is [] or [.., (byte)'\n'] ? "" : "\n")}{entry}\n");
            Check(content, line, path);
            file.Seek(0, SeekOrigin.End);
            file.Write(line);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new CommandException($"The folder '{Path.GetDirectoryName(Path.GetFullPath(path))}' does not exist.", exception);
        }
    }

    /// <summary>Checks that a file exists.</summary>
    /// <param name="path">The path of the file; null for none.</param>
    /// <returns>The path.</returns>
    /// <exception cref="CommandException">There is no such file.</exception>
    public static string? Require(string? path) => path is null || File.Exists(path)
        ? path
        : throw new CommandException($"There is no file '{path}'; 'llama2 key NAME --keys {path}' creates it.");

    // A file above the limit is not read beyond it.
    private static byte[] Read(FileStream file, string path)
    {
        if (!file.CanSeek)
            throw new CommandException($"'{path}' is not a file of keys: it is a pipe or a device.");
        var content = new byte[Math.Min(file.Length, ApiKeySource.MaxFileByteSize + 1)];
        file.ReadExactly(content);
        return content;
    }

    // The path may belong to a model by mistake; the appended line would damage the model. The file with the line is checked, too: it may be above a limit of
    // the server.
    private static void Check(byte[] content, byte[] line, string path)
    {
        try
        {
            _ = ApiKeySource.ReadText(content, path);
            _ = ApiKeySource.ReadText([.. content, .. line], path);
        }
        catch (LlamaApiKeyException exception)
        {
            throw new CommandException($"No key can be added. {exception.Message}", exception);
        }
    }
}
