using System.Diagnostics;
using Llama2.Formats;
using Llama2.Memory;
using Llama2.Threading;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures loading beside copying the file's bytes from the page cache to new memory with all threads: to memory with pages of the usual size, as
/// programs have it, and to memory for which large pages are requested, as the weights have it. Then it measures loading with a panel file, which is
/// created in the folder for temporary files. Both files must fit in the page cache; the first round, which may read the disk, is not counted.
/// </summary>
internal static class LoadingMeasurement
{
    private const int RoundCount = 3, PartByteSize = 1 << 20;

    public static void Run(string path)
    {
        using var runtime = new LlamaRuntime();
        Console.WriteLine($"{runtime.ThreadCount} threads; seconds, round by round (the first is not counted)");
        Console.WriteLine($"{"read",8} {"copy",8} {"large",8} {"load",8} {"load ÷ copy",12}");
        var ratios = new List<double>();
        for (int round = 0; round <= RoundCount; round++)
        {
            double read = Read(path, runtime.Workers), copy = Copy(path, runtime.Workers), large = CopyToLargePages(path, runtime.Workers), load = Load(path, new LlamaModelOptions { Runtime = runtime });
            Console.WriteLine(FormattableString.Invariant($"{read,8:F2} {copy,8:F2} {large,8:F2} {load,8:F2} {load / copy,12:F2}"));
            if (round > 0)
                ratios.Add(load / copy);
        }

        ratios.Sort();
        Console.WriteLine(FormattableString.Invariant($"median of load ÷ copy: {ratios[RoundCount / 2]:F2}"));
        MeasurePanelFile(path, runtime);
    }

    private static void MeasurePanelFile(string path, LlamaRuntime runtime)
    {
        string folder = Directory.CreateTempSubdirectory("llama2-").FullName;
        var options = new LlamaModelOptions { Runtime = runtime, PanelFile = PanelFileUse.Create, PanelFolder = folder };
        try
        {
            Console.WriteLine(FormattableString.Invariant($"load and create the panel file: {Load(path, options):F2}"));
            for (int round = 0; round <= RoundCount; round++)
                Console.WriteLine(FormattableString.Invariant($"load with the panel file: {Load(path, options):F3}; every byte verified: {Load(path, options with { VerifyPanelFile = true }):F2}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Reads the file into a small buffer for each thread, which stays in its cache.
    private static double Read(string path, WorkerPool workers)
    {
        using var file = new FileByteSource(path);
        byte[][] buffers = [.. Enumerable.Range(0, workers.ThreadCount).Select(_ => new byte[PartByteSize])];
        long start = Stopwatch.GetTimestamp();
        workers.Run(new ReadParts(file, buffers), checked((int)(file.Length / PartByteSize)));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // Large pages are not requested for buffers as small as these.
    private static double Copy(string path, WorkerPool workers)
    {
        using var file = new FileByteSource(path);
        var buffers = new AlignedBuffer<byte>?[checked((int)(file.Length / PartByteSize))];
        long start = Stopwatch.GetTimestamp();
        workers.Run(new CopyToBuffers(file, buffers), buffers.Length);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Array.ForEach(buffers, buffer => buffer?.Dispose());
        return seconds;
    }

    private static double CopyToLargePages(string path, WorkerPool workers)
    {
        using var file = new FileByteSource(path);
        long start = Stopwatch.GetTimestamp();
        using var memory = new AlignedBuffer<byte>(file.Length);
        workers.Run(new CopyParts(file, memory), checked((int)(file.Length / PartByteSize)));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Load(string path, LlamaModelOptions options)
    {
        long start = Stopwatch.GetTimestamp();
        using var model = LlamaModel.Load(path, options);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private readonly record struct ReadParts(FileByteSource File, byte[][] Buffers) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int part = start; part < end; part++)
                File.Read((long)part * PartByteSize, Buffers[worker]);
        }
    }

    private readonly record struct CopyToBuffers(FileByteSource File, AlignedBuffer<byte>?[] Buffers) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int part = start; part < end; part++)
            {
                Buffers[part] = new AlignedBuffer<byte>(PartByteSize);
                File.Read((long)part * PartByteSize, Buffers[part]!.Span);
            }
        }
    }

    private readonly record struct CopyParts(FileByteSource File, AlignedBuffer<byte> Memory) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int part = start; part < end; part++)
                File.Read((long)part * PartByteSize, Memory.Slice((long)part * PartByteSize, PartByteSize));
        }
    }
}
