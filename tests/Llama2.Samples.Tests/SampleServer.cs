using System.Diagnostics;
using Llama2.Cli.Tests;

namespace Llama2.Samples.Tests;

/// <summary>A sample that serves HTTP, as a process of its own that was started from an empty folder. It listens on a free port.</summary>
internal sealed class SampleServer : IAsyncDisposable
{
    // The line of the log is "Now listening on: http://127.0.0.1:40123".
    private const string Mark = "Now listening on: ";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    private SampleServer(string program)
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        _process = Process.Start(new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, program), "--Urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Asks the server. Addresses begin with a slash.</summary>
    public HttpClient Client { get; } = new();

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="program">The sample's file, such as <c>WebApi.dll</c>.</param>
    public static async Task<SampleServer> StartAsync(string program)
    {
        var server = new SampleServer(program);
        try
        {
            server.Client.BaseAddress = new Uri(await server.ReadAddressAsync());
            return server;
        }
        catch (Exception)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task<string> ReadAddressAsync()
    {
        string all = "";
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is var start and >= 0)
                return line[(start + Mark.Length)..].Trim();
            all += $"{line}\n";
        }

        throw new InvalidOperationException($"The program ended before it listened:\n{all}");
    }
}
