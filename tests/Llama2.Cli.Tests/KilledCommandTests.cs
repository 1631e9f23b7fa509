using System.Diagnostics;
using System.Security.Cryptography;

namespace Llama2.Cli.Tests;

/// <summary>Commands that write a model, killed at random moments: the target is whole, absent, or what it was.</summary>
public sealed class KilledCommandTests(RandomModelFixture model) : IClassFixture<RandomModelFixture>, IDisposable
{
    private const int KillCount = 25;
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

    private async Task KillAsync(Func<string, string[]> command, string name, byte[]? older)
    {
        string expected = Path.Combine(Directory.CreateDirectory(_folder.File("expected")).FullName, name);
        long clock = Stopwatch.GetTimestamp();
        (await CommandRun.OfAsync(command(expected))).ShouldSucceed();
        int span = (int)Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        string hash = Hash(expected), target = Path.Combine(Directory.CreateDirectory(_folder.File("killed")).FullName, name);
        var random = new Random(1);
        int torn = 0;
        for (int kill = 0; kill < KillCount; kill++)
        {
            byte[]? before = kill % 2 == 0 ? older : null;
            if (before is not null)
                await File.WriteAllBytesAsync(target, before);
            await RunAndKillAsync(command(target), target, TimeSpan.FromMilliseconds(random.Next(span)), isFromTheStart: kill % 5 == 0);

            bool isWhole = IsThere(target) && (before is null || new FileInfo(target).Length != before.Length);
            if (isWhole)
                Hash(target).Should().Be(hash);
            else if (before is not null)
                (await File.ReadAllBytesAsync(target)).Should().Equal(before);
            torn += TemporaryFiles(target).Length > 0 ? 1 : 0;
            TemporaryFiles(target).Should().HaveCountLessThanOrEqualTo(1, "each run removes what an earlier one left");
            Remove(target);
        }

        torn.Should().BeGreaterThan(KillCount / 5, "else the kills came before or after the writing");
        (await CommandProcess.RunAsync(command(target))).Should().Be((0, "", ""));
        Hash(target).Should().Be(hash);
        Directory.GetFileSystemEntries(_folder.File("killed")).Should().Equal(target);
    }

    private static async Task RunAndKillAsync(string[] arguments, string target, TimeSpan delay, bool isFromTheStart)
    {
        string[] before = TemporaryFiles(target);
        using Process process = CommandProcess.StartCommand(arguments);
        while (!isFromTheStart && !process.HasExited && TemporaryFiles(target).All(before.Contains))
            await Task.Delay(1);
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
