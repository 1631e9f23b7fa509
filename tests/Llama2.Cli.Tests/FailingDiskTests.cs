using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests;

/// <summary>Commands that write to a disk that accepts writes but fails to flush them.</summary>
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
        error.Should().MatchRegex($"'{Regex.Escape(target)}/[a-z_.]+' could not be flushed to the disk: Input/output error");
        Directory.GetFileSystemEntries(_folder.Path).Should().BeEmpty();
    }

    // The first flush (fsync) is that of the file; the second, after the file was renamed, is that of its folder.
    [StraceFact]
    public async Task Convert_FlushOfTheFolderFails_SaysSo()
    {
        string target = _folder.File("model.gguf");
        (int exitCode, string error) = await RunAsync("fsync:error=EIO:when=2", ["convert", TestModels.Demonstration, target, "--type", "F16"]);

        exitCode.Should().Be(ExitCodes.Failure);
        error.Should().Contain($"'{_folder.Path}' could not be flushed to the disk");
        File.Exists(target).Should().BeTrue();
    }

    // Some network file systems cannot flush files at all; that is not an error.
    [StraceFact]
    public async Task Convert_FlushIsNotSupported_Succeeds()
    {
        (int exitCode, _) = await RunAsync("fsync:error=EINVAL", ["convert", TestModels.Demonstration, _folder.File("model.gguf"), "--type", "F16"]);

        exitCode.Should().Be(ExitCodes.Success);
    }

    [StraceTheory]
    [InlineData("convert", "model.gguf")]
    [InlineData("convert", "folder")]
    [InlineData("quantize", "model.gguf")]
    [InlineData("make-random", "model.gguf")]
    [InlineData("imatrix", "matrix.gguf")]
    [InlineData("logits", "logits.bin")]
    [InlineData("train", "adapter.gguf")]
    [InlineData("train", "adapter")]
    public async Task Write_DiskIsFull_NamesTheTargetAndLeavesNothing(string command, string name)
    {
        // .NET uses the system call pwrite64 only for files, so output to the terminal does not fail.
        (string target, string data) = (_folder.File(name), WriteData());
        (int exitCode, string error) = await RunAsync("pwrite64:error=ENOSPC", command switch
        {
            "quantize" => [command, TestModels.Demonstration, target, "Q8_0", "--allow-requantize"],
            "make-random" => [command, "--shape", "160m", "--type", "Q2_K", target],
            "imatrix" => [command, TestModels.Demonstration, data, "-o", target, "--window", "16", "--limit", "1"],
            "logits" => [command, TestModels.Demonstration, "--tokens", "1,2,3", "-o", target],
            "train" => [command, TestModels.Demonstration, data, "-o", target, "--steps", "1", "--no-card"],
            _ => [command, TestModels.Demonstration, target, "--type", "F16"],
        });

        exitCode.Should().Be(ExitCodes.Failure, error);
        error.Should().MatchRegex($"error: '{Regex.Escape(target)}(/[a-z_.]+)?' cannot be written: No space left on device .*free space").And.NotContain(".tmp");
        Directory.GetFileSystemEntries(_folder.Path).Should().Equal(data);
    }

    // Before the model's files, a pull writes a file of the store itself, so this file is the first that does not fit on the disk.
    [StraceFact]
    public async Task Pull_DiskIsFull_NamesAFileOfTheStore()
    {
        using var fixture = new StoredModelsFixture();
        (int exitCode, string error) = await RunProgramAsync("strace", TraceArguments("pwrite64:error=ENOSPC", ["pull", "owner/repo"]), fixture);

        exitCode.Should().Be(ExitCodes.Failure, error);
        error.Should().MatchRegex($"error: '{Regex.Escape(fixture.Home)}[^']+' cannot be written: No space left on device").And.NotContain(".tmp");
    }

    // A limit on the length of files (ulimit -f) has the same effect as a disk that becomes full.
    [UnixFact]
    public async Task Pull_DiskFillsUp_NamesTheModelsFile()
    {
        using var fixture = new StoredModelsFixture();
        string[] shell = ["-c", "trap '' XFSZ; ulimit -f 100; DOTNET_EnableWriteXorExecute=0 exec \"$@\"", "bash", .. Command(["pull", "owner/repo"])];
        (int exitCode, string error) = await RunProgramAsync("bash", shell, fixture);

        exitCode.Should().Be(ExitCodes.Failure, error);
        error.Should().Contain("/story.Q8_0.gguf' cannot be written: it is longer than its file system or a limit of the process (ulimit -f) allows").And.NotContain(".partial");
    }

    // The file system reports 25 free blocks of 4 KiB: enough for an adapter of rank 1, but not for its optimizer moments as well.
    [StraceFact]
    public async Task Train_DiskHasNoRoomForACheckpoint_IsRefusedBeforeAPassIsMeasured()
    {
        string state = _folder.File("state.bin"), statistics = string.Concat(new long[] { 0, 4096, 1000, 25, 25, 1000, 1000, 0, 255, 4096 }.Select(number => Convert.ToHexString(BitConverter.GetBytes(number))));
        (int exitCode, string error) = await RunAsync(
            $"statfs:retval=0:poke_exit=@arg2={statistics}", ["train", TestModels.Demonstration, WriteData(), "-o", _folder.File("a.gguf"), "--checkpoint", state, "--rank", "1"]);

        exitCode.Should().Be(ExitCodes.Failure, error);
        error.Should().MatchRegex($"error: There is no room for '{Regex.Escape(state)}': it takes .*, and its disk has 102,400 bytes free").And.NotContain("time: about");
    }

    [StraceFact]
    public async Task TrainWithExtras_DiskIsFull_NamesThem()
    {
        (string state, string curve, string adapter) = (_folder.File("state.bin"), _folder.File("curve.csv"), _folder.File("a.gguf"));
        (_, string error) = await RunAsync(
            "pwrite64:error=ENOSPC", ["train", TestModels.Demonstration, WriteData(), "-o", adapter, "--checkpoint", state, "--curve", curve, "--steps", "1"]);

        error.Should().Contain($"warning: the checkpoint could not be written: '{state}' cannot be written: No space").And
            .Contain($"warning: the curve '{curve}' could not be written: '{curve}' cannot be written: No space").And
            .Contain($"error: '{adapter}' cannot be written: No space").And.NotContain(".tmp");
    }

    [StraceFact]
    public async Task Convert_RenamingIsRefused_NamesTheTarget()
    {
        string target = _folder.File("model.gguf");
        (int exitCode, string error) = await RunAsync("rename:error=EACCES", ["convert", TestModels.Demonstration, target, "--type", "F16"]);

        exitCode.Should().Be(ExitCodes.Failure, error);
        error.Should().Contain($"error: '{target}' cannot be written: the system denies it").And.NotContain(".tmp");
    }

    // The panel file is not needed to load the model, so the command succeeds without it.
    [StraceTheory]
    [InlineData("pwrite64:error=ENOSPC", "No space left on device")]
    [InlineData("fsync:error=EIO", "could not be flushed to the disk: Input/output error")]
    [InlineData("rename:error=EACCES", "the system denies it")]
    public async Task Generate_PanelFileCannotBeWritten_WarnsAndLeavesNothing(string injection, string reason)
    {
        string model = _folder.File("model.gguf");
        File.Copy(TestModels.Demonstration, model);
        (int exitCode, string error) = await RunAsync(injection, ["generate", model, "--prompt", "Once", "--max-tokens", "2", "--panels", "create"]);

        exitCode.Should().Be(ExitCodes.Success, error);
        error.Should().Contain($"llama2: warning: The panel file could not be written: '{model}.panels' ").And.Contain(reason).And.NotContain(".tmp");
        Directory.GetFileSystemEntries(_folder.Path).Should().Equal(model);
    }

    private string WriteData() => _folder.Write(
        "data.jsonl", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("""{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}]}""" + "\n", 8))));

    private async Task FailAsync(Func<string, string[]> command, string name)
    {
        string target = _folder.Write(name, [1, 2, 3]);
        foreach ((string code, string text) in new[] { ("EIO", "Input/output error"), ("ENOSPC", "No space left on device"), ("EDQUOT", "Disk quota exceeded") })
        {
            (int exitCode, string error) = await RunAsync($"fsync:error={code}", command(target));

            exitCode.Should().Be(ExitCodes.Failure, error);
            error.Should().Contain($"'{target}' could not be flushed to the disk: {text}");
            (await File.ReadAllBytesAsync(target)).Should().Equal(1, 2, 3);
            Directory.GetFileSystemEntries(_folder.Path).Should().Equal(target);
        }
    }

    private static Task<(int ExitCode, string Error)> RunAsync(string injection, string[] arguments) => RunProgramAsync("strace", TraceArguments(injection, arguments));

    private static string[] TraceArguments(string injection, string[] arguments) =>
        ["-f", "-qq", "-e", "signal=none", "-e", $"trace={injection[..injection.IndexOf(':')]}", "-e", $"inject={injection}", "-o", "/dev/null", .. Command(arguments)];

    private static string[] Command(string[] arguments) =>
        [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Path.Combine(AppContext.BaseDirectory, "llama2.dll"), .. arguments];

    private static async Task<(int ExitCode, string Error)> RunProgramAsync(string program, string[] arguments, StoredModelsFixture? store = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (store is not null)
        {
            start.Environment["LLAMA2_HOME"] = store.Home;
            start.Environment["HF_ENDPOINT"] = store.Hub.Endpoint.AbsoluteUri;
            start.Environment["HF_TOKEN"] = null;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await output;
        return (process.ExitCode, error);
    }
}
