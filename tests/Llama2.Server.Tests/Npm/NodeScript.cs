using System.Diagnostics;
using Llama2.Tests;

namespace Llama2.Server.Tests.Npm;

/// <summary>Runs the scripts of this folder with Node.js.</summary>
internal static class NodeScript
{
    // A script takes a few seconds. One that hangs would keep the test run from ending.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>The folder with the scripts and their packages.</summary>
    public static string Folder { get; } = RepositoryFiles.Committed("tests", "Llama2.Server.Tests", "Npm");

    /// <summary>The path of Node.js; null if it is not installed.</summary>
    public static string? Executable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => (string[])[Path.Combine(folder, "node"), Path.Combine(folder, "node.exe")]).FirstOrDefault(File.Exists);

    /// <summary>Runs a script.</summary>
    /// <param name="name">The name of its file.</param>
    /// <param name="variables">The environment variables, in addition to those of this process.</param>
    /// <returns>What the script wrote to its standard output.</returns>
    public static async Task<string> RunAsync(string name, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(Executable!, [name]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string variable, string value) in variables)
            start.Environment[variable] = value;
        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        process.ExitCode.Should().Be(0, "{0} wrote {1}\n{2}", name, await output, await error);
        return await output;
    }
}
