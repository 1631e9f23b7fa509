using System.Diagnostics;
using Llama2.Cli.Tests;

namespace Llama2.Samples.Tests;

public sealed class WebApiProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Program_StartedFromAnotherFolder_ReadsItsSettings()
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        using Process process = Process.Start(new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "WebApi.dll"), "--Urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
        })!;
        try
        {
            string address = await ListeningAddress.ReadAsync(process.StandardOutput);
            using var client = new HttpClient();

            (await client.GetStringAsync(new Uri(new Uri(address), "/v1/models"))).Should().Contain("\"storyteller-1m-Q8_0\"");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
