using Llama2.Cli.Terminal;
using Llama2.Formats;

namespace Llama2.Cli.Output;

/// <summary>Files that a command writes.</summary>
internal static class OutputPath
{
    /// <summary>Returns the path if its folder exists and the path itself is not a folder.</summary>
    /// <exception cref="CommandException">The folder does not exist, or the path is a folder.</exception>
    public static string Require(string path)
    {
        if (path.Length == 0)
            throw new CommandException("The name of the file to write is empty.");
        if (Directory.Exists(path))
            throw new CommandException($"'{path}' is a folder; name a file.");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new CommandException($"There is no folder '{folder}' to write '{path}' in.");
        return path;
    }

    /// <summary>
    /// Checks that a file can be written to the path, by creating a file beside it and removing that file again. This is used for outputs that are
    /// written after long work.
    /// </summary>
    /// <returns>The path.</returns>
    /// <exception cref="CommandException">As in <see cref="Require"/>.</exception>
    /// <exception cref="IOException">The file cannot be written, or the path is a symbolic link that cannot be resolved.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to write there.</exception>
    public static string Try(string path)
    {
        new AtomicFile(Require(path)).Dispose();
        return path;
    }
}
