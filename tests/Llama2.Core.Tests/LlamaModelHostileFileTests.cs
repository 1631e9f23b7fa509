using System.Diagnostics;
using Llama2.Formats.Gguf;
using Llama2.Tests.Formats;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests;

public class LlamaModelHostileFileTests
{
    private static readonly LlamaModelOptions s_options = new() { ThreadCount = 1 };

    [Fact]
    public async Task Load_TinyModel_Generates()
    {
        using LlamaModel model = Load(TinyModel.Build());

        (await model.GenerateTextAsync("abc", new GenerationOptions { MaxTokens = 3, IgnoreEndOfSequence = true })).Usage.GeneratedTokenCount.Should().Be(3);
    }

    [Fact]
    public async Task Load_EveryPrefix_IsATypedErrorOrAModelThatWorks()
    {
        byte[] file = TinyModel.Build();
        for (int length = 0; length < file.Length; length++)
        {
            await Try(file[..length], $"the first {length} bytes");
        }
    }

    [Fact]
    public async Task Load_EveryByteChanged_IsATypedErrorOrAModelThatWorks()
    {
        GgufBuilder builder = TinyModel.Describe();
        byte[] file = builder.Build();
        int loaded = 0, refused = 0;
        for (int i = 0; i < file.Length; i++)
        {
            byte original = file[i];
            // A changed byte of a weight can do harm only if it makes a scale NaN or infinite.
            byte[] values = i < builder.DataStart ? [0, 0xff, (byte)(original ^ 1), (byte)(original ^ 0x80), (byte)(original + 1)] : [0xff];
            foreach (byte value in values)
            {
                file[i] = value;
                (loaded, refused) = await Try(file, $"byte {i} = {value}") ? (loaded + 1, refused) : (loaded, refused + 1);
            }

            file[i] = original;
        }

        loaded.Should().BeGreaterThan(1000);
        refused.Should().BeGreaterThan(1000);
    }

    // A small file may claim a context of 2^24 tokens, whose keys and values would take 2 GiB for each generation.
    [Fact]
    public async Task GenerateAsync_HugeContextInASmallFile_WaitsForItsMemoryUntilTheQueueIsFullAndTheModelStaysUsable()
    {
        byte[] file = TinyModel.Describe().Build();
        int at = file.AsSpan().IndexOf("llama.context_length"u8) + "llama.context_length".Length + sizeof(uint);
        BitConverter.TryWriteBytes(file.AsSpan(at), 1u << 24);
        using LlamaModel model = Load(file, new LlamaModelOptions { MaxWaitingCount = 4 });
        var started = new List<(IAsyncEnumerator<GenerationUpdate> Updates, Task<bool> First)>();
        using var stop = new CancellationTokenSource();
        LlamaBusyException? refused = null;
        while (refused is null && started.Count < 10_000)
        {
            IAsyncEnumerator<GenerationUpdate> updates = model.GenerateAsync("a", new GenerationOptions { IgnoreEndOfSequence = true }).GetAsyncEnumerator(stop.Token);
            Task<bool> first = updates.MoveNextAsync().AsTask();
            started.Add((updates, first));
            refused = first.Exception?.InnerException as LlamaBusyException;
            await Task.WhenAny(first, Task.Delay(50));
        }

        refused!.WaitingCount.Should().Be(4);
        model.Statistics.WaitingCount.Should().Be(4);
        model.Statistics.RunningCount.Should().Be(started.Count - 5);

        await stop.CancelAsync();
        foreach ((IAsyncEnumerator<GenerationUpdate> updates, Task<bool> first) in started)
        {
            await first.ContinueWith(_ => { }, TaskScheduler.Default);
            await updates.DisposeAsync();
        }

        // The next pass removes the cancelled call.
        SpinWait.SpinUntil(() => model.Statistics.WaitingCount == 0, TimeSpan.FromSeconds(10)).Should().BeTrue();
        (await model.GenerateTextAsync("a", new GenerationOptions { MaxTokens = 2, IgnoreEndOfSequence = true })).Usage.GeneratedTokenCount.Should().Be(2);
    }

    private static LlamaModel Load(byte[] file, LlamaModelOptions? options = null)
    {
        using var gguf = GgufFile.Open(new MemoryByteSource(file));
        return LlamaModel.Load(gguf, options ?? s_options, null, CancellationToken.None);
    }

    private static async Task<bool> Try(byte[] file, string change)
    {
        // Several threads compute, and other tests run at the same time. The limit is one second of elapsed time or of processor time, whichever is
        // less, and more on slow machines. A file that really is slow exceeds it in all ten attempts.
        for (int attempt = 1; ; attempt++)
        {
            (long start, TimeSpan startOnProcessors) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            bool isLoaded = await TryOnce(file, change);
            TimeSpan time = Stopwatch.GetElapsedTime(start), timeOnProcessors = Environment.CpuUsage.TotalTime - startOnProcessors;
            time = timeOnProcessors < time ? timeOnProcessors : time;
            if (time < TimeSpan.FromSeconds(1) || time < TimeSpan.FromSeconds(1) * TimeLimit.MeasureSlowness())
            {
                return isLoaded;
            }

            attempt.Should().BeLessThan(10, $"{change} took {time}");
        }
    }

    private static async Task<bool> TryOnce(byte[] file, string change)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using LlamaModel model = Load(file);
            await model.GenerateTextAsync("ab c", new GenerationOptions { MaxTokens = 2 });
            return true;
        }
        catch (LlamaException)
        {
            (GC.GetAllocatedBytesForCurrentThread() - allocated).Should().BeLessThan(4L * file.Length + (16 << 20), change);
            return false;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"With {change}: {exception.Message}", exception);
        }
    }
}
