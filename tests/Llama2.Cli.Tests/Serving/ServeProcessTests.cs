using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Llama2.Cli.Tests.Serving;

/// <summary>The command <c>serve</c> as a process that signals stop.</summary>
public class ServeProcessTests
{
    private const string EndlessStream = """{"prompt": "Once upon a time", "max_tokens": 900, "n": 16, "stream": true, "logit_bias": {"2": -100}}""";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    [UnixTheory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Process_ToldToStop_Exits0(string signal)
    {
        using Process process = CommandProcess.StartCommand("serve", TestModels.Demonstration, "--port", "0");
        string? address = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
        using var client = new HttpClient { BaseAddress = new Uri(address!) };
        (await client.GetStringAsync(new Uri("/health/live", UriKind.Relative))).Should().Be("""{"status":"ok"}""");

        Signal(process, signal);
        await process.WaitForExitAsync().WaitAsync(s_patience);

        process.ExitCode.Should().Be(0);
        (await process.StandardError.ReadToEndAsync()).Should().EndWith("llama2: stopped\n");
    }

    [Fact]
    public async Task Process_KeyInTheEnvironment_IsNeeded()
    {
        string key = new('k', 40);
        using Process process = CommandProcess.Start("llama2.dll", ["serve", TestModels.Demonstration, "--lazy", "--port", "0"], ("LLAMA2_API_KEYS", $"alice:{key}"));
        try
        {
            string? address = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
            using var client = new HttpClient { BaseAddress = new Uri(address!) };
            var models = new Uri("/v1/models", UriKind.Relative);

            (await client.GetAsync(models)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
            client.DefaultRequestHeaders.Authorization = new("Bearer", key);
            (await client.GetAsync(models)).StatusCode.Should().Be(HttpStatusCode.OK);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task Process_VariableWithoutKeys_Exits1()
    {
        using Process process = CommandProcess.Start("llama2.dll", ["serve", TestModels.Demonstration, "--port", "0"], ("LLAMA2_API_KEYS", ","));
        await process.WaitForExitAsync().WaitAsync(s_patience);

        process.ExitCode.Should().Be(1);
        (await process.StandardError.ReadToEndAsync()).Should().StartWith("llama2: error: There are no API keys").And.Contain("LLAMA2_API_KEYS");
    }

    [UnixFact]
    public async Task Process_InterruptedTwice_EndsAtOnce()
    {
        using Process process = CommandProcess.StartCommand("serve", TestModels.Demonstration, "--port", "0", "--shutdown", "24h");
        string? address = await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience);
        using var client = new HttpClient { BaseAddress = new Uri(address!) };
        using var content = new StringContent(EndlessStream, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = content };
        // The answer is not read, so it does not end by itself.
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Signal(process, "INT");
        string? line;
        do
            line = await process.StandardError.ReadLineAsync().WaitAsync(s_patience);
        while (line is not null && !line.StartsWith("llama2: stopping: 1 running request may continue for 86400 s", StringComparison.Ordinal));
        line.Should().NotBeNull();
        process.HasExited.Should().BeFalse();
        Signal(process, "INT");
        await process.WaitForExitAsync().WaitAsync(s_patience);

        process.ExitCode.Should().Be(130);
    }

    private static void Signal(Process process, string signal)
    {
        using Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
