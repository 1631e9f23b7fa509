using System.Diagnostics;
using System.Text;

namespace Llama2.Cli.Tests;

/// <summary>The command on a pseudo-terminal.</summary>
internal sealed class TerminalProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public TerminalProcess(string terminalName, params string[] arguments)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string command = string.Join(' ', ((string[])[dotnet, Path.Combine(AppContext.BaseDirectory, "llama2.dll"), .. arguments]).Select(part => $"'{part}'"));
        var start = new ProcessStartInfo("script", ["--quiet", "--return", "--command", $"stty cols 60 rows 20; exec {command}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = new UTF8Encoding(false),
            UseShellExecute = false,
        };
        start.Environment["TERM"] = terminalName;
        start.Environment["SHELL"] = "/bin/sh";
        _process = Process.Start(start)!;
    }

    /// <summary>All output so far.</summary>
    public string Output => _output.ToString();

    public async Task TypeAsync(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Reads until the output contains the text.</summary>
    /// <returns>The output up to and including the text.</returns>
    public async Task<string> ReadToAsync(string text)
    {
        int start = _output.Length;
        char[] buffer = new char[4096];
        using var limit = new CancellationTokenSource(s_patience);
        while (!_output.ToString(start, _output.Length - start).Contains(text, StringComparison.Ordinal))
        {
            int count = await _process.StandardOutput.ReadAsync(buffer, limit.Token);
            if (count == 0)
                throw new InvalidOperationException($"'{text}' did not come; what came is: {Output}");
            _output.Append(buffer, 0, count);
        }

        return _output.ToString(start, _output.Length - start);
    }

    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        _output.Append(await _process.StandardOutput.ReadToEndAsync(limit.Token));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
