using System.Diagnostics;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests;

/// <summary>Commands under a system that refuses further threads.</summary>
public sealed class RefusedThreadTests
{
    // The thread that starts the workers is refused the twentieth and all after it, as a limit of the user or of the service does.
    [StraceFact]
    public async Task Generate_ThreadsRefused_EndsAndSaysSo()
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] command =
        [
            "-f", "-qq", "-e", "signal=none", "-e", "trace=clone3,clone", "-e", "inject=clone3,clone:error=EAGAIN:when=20+", "-o", "/dev/null",
            dotnet, Path.Combine(AppContext.BaseDirectory, "llama2.dll"), "generate", TestModels.Demonstration, "--prompt", "Once", "--threads", "64", "--quiet",
        ];
        using Process process = Process.Start(new ProcessStartInfo("strace", command) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));

        process.ExitCode.Should().Be(ExitCodes.Failure, error);
        error.Should().StartWith("llama2: error: The system refuses the thread 'Llama2 worker ").And.Contain("--threads");
        (await output).Should().BeEmpty();
    }
}
