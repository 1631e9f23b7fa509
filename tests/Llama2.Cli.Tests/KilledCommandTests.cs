using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Llama2.Cli.Tests;

/// <summary>Commands that write files are killed at random moments; afterwards the target is complete, absent or unchanged.</summary>
public sealed class KilledCommandTests(RandomModelFixture model, ITestOutputHelper output) : IClassFixture<RandomModelFixture>, IDisposable
{
    // LLAMA2_KILL_COUNT=50 runs a longer test.
    internal static int KillCount { get; } = int.Parse(Environment.GetEnvironmentVariable("LLAMA2_KILL_COUNT") ?? "15", CultureInfo.InvariantCulture);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task ConvertToGguf_KilledAtAnyMoment_LeavesTheTargetWholeOrAsItWas() =>
        KillAsync(target => ["convert", model.Path, target, "--type", "F16"], "model.gguf", [1, 2, 3]);

    [Fact]
    public Task ConvertToAFolder_KilledAtAnyMoment_LeavesTheTargetWholeOrAbsent() =>
        KillAsync(target => ["convert", model.Path, target, "--type", "BF16"], "model", older: null);

    [Fact]
    public Task Quantize_KilledAtAnyMoment_LeavesTheTargetWholeOrAsItWas() =>
        KillAsync(target => ["quantize", model.Path, target, "Q8_0", "--threads", "2"], "model.gguf", [1, 2, 3]);

    [Fact]
    public Task MergeAdapter_KilledAtAnyMoment_LeavesTheTargetWholeOrAsItWas()
    {
        string adapter = WriteAdapter(_folder.File("adapter"), width: 256);
        return KillAsync(target => ["adapter", "merge", model.Path, adapter, "-o", target, "--type", "F16"], "model.gguf", [1, 2, 3]);
    }

    [Fact]
    public Task Logits_KilledAtAnyMoment_LeavesTheTargetWholeOrAsItWas() =>
        KillAsync(target => ["logits", model.Path, "--tokens", "1,2,3", "--output", target], "logits.f32", [1, 2, 3]);

    // The matrix is small and is written at the end of the command, so a kill rarely interrupts the writing of the matrix.
    [Fact]
    public Task Imatrix_KilledAtAnyMoment_LeavesTheTargetWholeOrAsItWas()
    {
        string text = _folder.Write("text.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Once upon a time there was a fox. ", 40))));
        return KillAsync(target => ["imatrix", TestModels.Demonstration, text, "-o", target, "--window", "64"], "imatrix.gguf", [1, 2, 3], waitsForWriting: false);
    }

    private async Task KillAsync(Func<string, string[]> command, string name, byte[]? older, bool waitsForWriting = true)
    {
        string expected = Path.Combine(Directory.CreateDirectory(_folder.File("expected")).FullName, name);
        (TimeSpan whole, TimeSpan writing) = await ShortestSpansAsync(command(expected), expected);
        string hash = Hash(expected), target = Path.Combine(Directory.CreateDirectory(_folder.File("killed")).FullName, name);
        var random = new Random(1);
        int tornCount = 0, wholeCount = 0;
        for (int kill = 0; kill < KillCount; kill++)
        {
            byte[]? before = kill % 2 == 0 ? older : null;
            if (before is not null)
                await File.WriteAllBytesAsync(target, before);
            bool isFromTheStart = !waitsForWriting || kill % 5 == 0;
            await RunAndKillAsync(command(target), target, random.NextDouble() * (isFromTheStart ? whole : writing), isFromTheStart);

            bool isWhole = IsThere(target) && (before is null || new FileInfo(target).Length != before.Length);
            if (isWhole)
                Hash(target).Should().Be(hash);
            else if (before is not null)
                (await File.ReadAllBytesAsync(target)).Should().Equal(before);
            wholeCount += isWhole ? 1 : 0;
            tornCount += TemporaryFiles(target).Length > 0 ? 1 : 0;
            TemporaryFiles(target).Should().HaveCountLessThanOrEqualTo(1, "each run removes what an earlier one left");
            Remove(target);
        }

        output.WriteLine(
            $"{KillCount} kills within {whole.TotalMilliseconds:N0} ms, {writing.TotalMilliseconds:N0} of them writing: {wholeCount} after the target was whole, {tornCount} while it was written");
        if (waitsForWriting)
            tornCount.Should().BeGreaterThan(KillCount / 5, "otherwise all kills came before or after the writing");
        (int exitCode, string written, string error) = await CommandProcess.RunAsync(command(target));
        (exitCode, written).Should().Be((0, ""));
        error.ReplaceLineEndings("\n").Should().MatchRegex($@"^(llama2: wrote '{Regex.Escape(target)}': [^\n]* s\n)?$", "all commands but logits report the file that they have written");
        Hash(target).Should().Be(hash);
        Directory.GetFileSystemEntries(_folder.File("killed")).Should().Equal(target);
    }

    // Measures how long the process runs in total, and how long it runs after its first temporary file has appeared. Each time is the shortest of three
    // runs, because other work on the machine makes a run longer, and a kill after the process has ended tests nothing.
    private static async Task<(TimeSpan Whole, TimeSpan Writing)> ShortestSpansAsync(string[] arguments, string target)
    {
        TimeSpan whole = TimeSpan.MaxValue, writing = TimeSpan.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            Remove(target);
            long start = Stopwatch.GetTimestamp();
            using Process process = CommandProcess.StartCommand(arguments);
            await WritingAsync(process, target, []);
            long sight = Stopwatch.GetTimestamp();
            await process.WaitForExitAsync();
            (await process.StandardError.ReadToEndAsync()).Should().NotContain("error");
            process.ExitCode.Should().Be(0);
            whole = Shorter(whole, Stopwatch.GetElapsedTime(start));
            writing = Shorter(writing, Stopwatch.GetElapsedTime(sight));
        }

        return (whole, writing);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // Waits until a new temporary file exists or the process has ended.
    private static async Task WritingAsync(Process process, string target, string[] before)
    {
        while (!process.HasExited && TemporaryFiles(target).All(before.Contains))
            await Task.Delay(1);
    }

    /// <summary>A PEFT adapter folder that changes the query projections.</summary>
    private static string WriteAdapter(string folder, int width)
    {
        Directory.CreateDirectory(folder);
        const string Module = "base_model.model.model.layers.0.self_attn.q_proj";
        int byteSize = width * sizeof(float);
        string header = $$$"""
            {"{{{Module}}}.lora_A.weight":{"dtype":"F32","shape":[1,{{{width}}}],"data_offsets":[0,{{{byteSize}}}]},"{{{Module}}}.lora_B.weight":{"dtype":"F32","shape":[{{{width}}},1],"data_offsets":[{{{byteSize}}},{{{2 * byteSize}}}]}}
            """;
        File.WriteAllText(Path.Combine(folder, "adapter_config.json"), """{"peft_type":"LORA","r":1,"lora_alpha":1,"target_modules":["q_proj"]}""");
        File.WriteAllBytes(
            Path.Combine(folder, "adapter_model.safetensors"),
            [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. Enumerable.Repeat(0.01f, 2 * width).SelectMany(BitConverter.GetBytes)]);
        return folder;
    }

    private static async Task RunAndKillAsync(string[] arguments, string target, TimeSpan delay, bool isFromTheStart)
    {
        string[] before = TemporaryFiles(target);
        using Process process = CommandProcess.StartCommand(arguments);
        if (!isFromTheStart)
            await WritingAsync(process, target, before);
        await Task.Delay(delay);
        process.Kill();
        await process.WaitForExitAsync();
    }

    private static string[] TemporaryFiles(string target) => Directory.GetFiles(Path.GetDirectoryName(target)!, "*.tmp");

    private static bool IsThere(string target) => File.Exists(target) || Directory.Exists(target);

    private static void Remove(string target)
    {
        if (Directory.Exists(target))
            Directory.Delete(target, recursive: true);
        File.Delete(target);
    }

    private static string Hash(string target)
    {
        string[] files = Directory.Exists(target) ? Directory.GetFiles(target) : [target];
        return string.Join(' ', files.Order(StringComparer.Ordinal).Select(file => Path.GetFileName(file) + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
    }
}
