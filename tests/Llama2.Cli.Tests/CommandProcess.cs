using System.Diagnostics;

namespace Llama2.Cli.Tests;

/// <summary>Runs the samples as separate processes, as a shell does.</summary>
internal static class CommandProcess
{
    public static Process StartCommand(params string[] arguments) => Start("llama2.dll", arguments);

    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync("llama2.dll", arguments);

    /// <summary>Runs a program of the samples to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, string[] arguments, string input = "")
    {
        using Process process = Start(program, arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Starts a program of the samples, with some environment variables changed.</summary>
    public static Process Start(string program, string[] arguments, params (string Name, string? Value)[] environment)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach ((string name, string? value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
