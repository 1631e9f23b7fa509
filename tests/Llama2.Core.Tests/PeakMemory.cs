using System.Diagnostics;
using System.Globalization;

namespace Llama2.Tests;

/// <summary>
/// Measures the memory that reading a file takes: the peak of a process that does nothing else (VmHWM), above what it had when it began. The process is
/// this assembly, started as a program; it reads an ordinary file first, so that the reader is compiled.
/// </summary>
internal static class PeakMemory
{
    private const long FixedByteSize = 16 << 20;
    private const string ResetPeak = "5";

    /// <summary>Proves that reading a file takes at most four times its length and 16 MiB more.</summary>
    /// <param name="reader">One of <see cref="FileReaders"/>.</param>
    /// <param name="ordinary">A file or folder that the reader takes.</param>
    /// <param name="path">The file or folder that it shall refuse or take.</param>
    /// <param name="byteSize">Bytes of it.</param>
    /// <returns>What the reader said: the type of an exception and its message, or nothing.</returns>
    public static string ShouldBeInProportion(string reader, string ordinary, string path, long byteSize)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [typeof(PeakMemory).Assembly.Location, reader, ordinary, path]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // The collector's own choice follows the processor's cache, and would be measured instead of the reader.
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

    /// <summary>The program of the process that is measured: writes the bytes that reading took, and what the reader said.</summary>
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
