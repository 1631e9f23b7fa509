using System.Diagnostics;
using System.Globalization;

namespace Llama2.Tests;

/// <summary>
/// Measures the memory that reading a file takes: the peak (VmHWM) of a process that does nothing else, minus its memory at the start. The process is
/// this assembly, started as a program. It reads an ordinary file first, so that the reader has been compiled.
/// </summary>
internal static class PeakMemory
{
    private const long FixedByteSize = 16 << 20;
    private const string ResetPeak = "5";

    /// <summary>Checks that reading a file takes at most four times its size plus 16 MiB.</summary>
    /// <param name="reader">The name of a reader in <see cref="FileReaders"/>.</param>
    /// <param name="ordinary">A valid file or folder, which the reader accepts.</param>
    /// <param name="path">The file or folder that is measured; the reader may accept or refuse it.</param>
    /// <param name="byteSize">The size of that file or folder in bytes.</param>
    /// <returns>The result of the reader: the type and message of its exception, or an empty text.</returns>
    public static string ShouldBeInProportion(string reader, string ordinary, string path, long byteSize)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [typeof(PeakMemory).Assembly.Location, reader, ordinary, path]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // By default the size of the garbage collector's first generation depends on the processor's cache, which would then be measured instead of
        // the reader.
        start.Environment["DOTNET_GCgen0size"] = "0x200000";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredCompilation"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, error.Result);
        string[] lines = output.Split('\n', 2);
        long.Parse(lines[0], CultureInfo.InvariantCulture).Should().BeLessThanOrEqualTo(4 * byteSize + FixedByteSize, $"the file has {byteSize:N0} bytes; {lines[1]}");
        return lines[1].Trim();
    }

    /// <summary>The program that the measured process runs: prints the bytes that reading took, and the reader's result.</summary>
    internal static int Main(string[] arguments)
    {
        Action<string> read = FileReaders.All[arguments[0]];
        Read(read, arguments[1]);
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", ResetPeak);
        long before = Peak();
        string answer = Read(read, arguments[2]);
        Console.WriteLine((Peak() - before).ToString(CultureInfo.InvariantCulture));
        Console.WriteLine(answer);
        return 0;
    }

    private static string Read(Action<string> read, string path)
    {
        try
        {
            read(path);
            return "";
        }
        catch (LlamaException exception)
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }

    private static long Peak() =>
        1024 * long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(':', StringSplitOptions.TrimEntries)[1].Split(' ')[0], CultureInfo.InvariantCulture);
}
