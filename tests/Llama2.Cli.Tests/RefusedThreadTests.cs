using System.Diagnostics;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests;

/// <summary>Commands on a system that refuses to create further threads.</summary>
public sealed class RefusedThreadTests
{
    // The thread that starts the workers may create 19 threads; the next is refused, as with a limit on the threads of a user or service.
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
