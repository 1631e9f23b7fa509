using System.Diagnostics;

namespace Llama2.Cli.Tests;

/// <summary>Commands that write to a disk which takes what is written, and fails when it must bring it to its platters.</summary>
public sealed class FailingDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [StraceFact]
    public Task Convert_FlushFails_SaysSoAndLeavesTheTargetAsItWas() =>
        FailAsync(target => ["convert", TestModels.Demonstration, target, "--type", "F16"], "model.gguf");

    [StraceFact]
    public Task Quantize_FlushFails_SaysSoAndLeavesTheTargetAsItWas() =>
        FailAsync(target => ["quantize", TestModels.Demonstration, target, "Q8_0", "--allow-requantize"], "model.gguf");

    [StraceFact]
    public async Task ConvertToAFolder_FlushFails_SaysSoAndLeavesNothing()
    {
        string target = _folder.File("folder");
        (int exitCode, string error) = await RunAsync("fsync:error=EIO", ["convert", TestModels.Demonstration, target, "--type", "F16"]);

        (exitCode, error).Should().Be((ExitCodes.Failure, error));
        error.Should().Contain("could not be brought to the disk: Input/output error");
        Directory.GetFileSystemEntries(_folder.Path).Should().BeEmpty();
    }

    // The first flush is the file's, the second, after the renaming, its folder's.
    [StraceFact]
    public async Task Convert_FlushOfTheFolderFails_SaysSo()
    {
        string target = _folder.File("model.gguf");
        (int exitCode, string error) = await RunAsync("fsync:error=EIO:when=2", ["convert", TestModels.Demonstration, target, "--type", "F16"]);

        exitCode.Should().Be(ExitCodes.Failure);
        error.Should().Contain($"'{_folder.Path}' could not be brought to the disk");
        File.Exists(target).Should().BeTrue();
    }

    // What cannot be flushed at all, as on some network file systems, is no fault.
    [StraceFact]
    public async Task Convert_FlushIsNotSupported_Succeeds()
    {
        (int exitCode, _) = await RunAsync("fsync:error=EINVAL", ["convert", TestModels.Demonstration, _folder.File("model.gguf"), "--type", "F16"]);

        exitCode.Should().Be(ExitCodes.Success);
    }

    private async Task FailAsync(Func<string, string[]> command, string name)
    {
        string target = _folder.Write(name, [1, 2, 3]);
        foreach ((string code, string text) in new[] { ("EIO", "Input/output error"), ("ENOSPC", "No space left on device"), ("EDQUOT", "Disk quota exceeded") })
        {
            (int exitCode, string error) = await RunAsync($"fsync:error={code}", command(target));

            exitCode.Should().Be(ExitCodes.Failure, error);
            error.Should().Contain($"could not be brought to the disk: {text}");
            (await File.ReadAllBytesAsync(target)).Should().Equal(1, 2, 3);
            Directory.GetFileSystemEntries(_folder.Path).Should().Equal(target);
        }
    }

    private static async Task<(int ExitCode, string Error)> RunAsync(string injection, string[] arguments)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command = ["-f", "-qq", "-e", "signal=none", "-e", "trace=fsync", "-e", $"inject={injection}", "-o", "/dev/null", dotnet, Path.Combine(AppContext.BaseDirectory, "llama2.dll"), .. arguments];
        using Process process = Process.Start(new ProcessStartInfo("strace", command) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;
        return (process.ExitCode, error);
    }
}
