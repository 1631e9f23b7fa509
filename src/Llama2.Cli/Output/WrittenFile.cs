using System.Diagnostics;
using System.Globalization;
using Llama2.Cli.Terminal;
using Llama2.Memory;

namespace Llama2.Cli.Output;

/// <summary>Reports that a command has written a file. The report is a line on standard error with the file's name, its size and the time that writing took.</summary>
internal static class WrittenFile
{
    /// <summary>Writes a file or a folder on another thread, with a progress bar if standard error is a terminal, and then reports it.</summary>
    /// <param name="host">The console for the output.</param>
    /// <param name="target">The path of the file or folder.</param>
    /// <param name="write">Writes the file or folder. Its argument, the progress, is null if no progress bar is shown.</param>
    /// <param name="cancellationToken">Cancels the work before it has begun.</param>
    /// <returns><see cref="ExitCodes.Success"/>.</returns>
    public static async Task<int> WriteAsync(ConsoleHost host, string target, Action<IProgress<ByteProgress>?> write, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        await ProgressBar.RunAsync(
            host,
            isQuiet: false,
            $"Writing {PrintableText.Shorten(Path.GetFileName(Path.TrimEndingDirectorySeparator(target)), 60)}",
            progress => Task.Run(
                () =>
                {
                    write(progress is null ? null : new FractionOfBytes(progress));
                    return true;
                },
                cancellationToken)).ConfigureAwait(false);
        Tell(host, target, Stopwatch.GetElapsedTime(start));
        return ExitCodes.Success;
    }

    /// <summary>Reports a file, or a folder with all files in it.</summary>
    /// <param name="host">The console for the output.</param>
    /// <param name="target">The path of the file or folder.</param>
    /// <param name="time">The time that writing took.</param>
    /// <param name="what">What it is, and a space; empty for the result of the command.</param>
    public static void Tell(ConsoleHost host, string target, TimeSpan time, string what = "")
    {
        long byteSize = Directory.Exists(target)
            ? new DirectoryInfo(target).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length)
            : new FileInfo(target).Length;
        host.Error.WriteLine(PrintableText.SingleLine(string.Create(
            CultureInfo.InvariantCulture, $"llama2: wrote {what}'{target}': {ByteSizeText.Needed(byteSize)} in {time.TotalSeconds:N1} s")));
    }
}
