using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Serving;

/// <summary>The command <c>serve</c> inside the test's process, on a free port.</summary>
internal sealed class ServeRun : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly WatchedWriter _output = new();
    private readonly WatchedWriter _error = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConsoleHost _host;
    private readonly Task<int> _command;

    private ServeRun(string[] arguments, LlamaModelStoreOptions? store)
    {
        _host = new ConsoleHost
        {
            Input = Stream.Null,
            OutputStream = Stream.Null,
            Output = _output,
            Error = _error,
            StoreOptions = store ?? new LlamaModelStoreOptions(),
        };
        _command = Task.Run(() => CommandLine.RunAsync(["serve", .. arguments, "--port", "0"], _host, _stop.Token));
    }

    public HttpClient Client { get; private set; } = null!;

    public static async Task<ServeRun> StartAsync(string[] arguments, LlamaModelStoreOptions? store = null)
    {
        var run = new ServeRun(arguments, store);
        // If the command fails before it listens, it writes no address.
        Task listening = run._output.ContainsAsync("\n");
        await Task.WhenAny(listening, run._command).WaitAsync(s_patience);
        listening.IsCompleted.Should().BeTrue(run._error.ToString());
        run.Client = new HttpClient { BaseAddress = new Uri(run._output.ToString().TrimEnd()) };
        return run;
    }

    public async Task<HttpResponseMessage> PostAsync(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json")) };
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The JSON of an answer, whatever its status.</summary>
    public async Task<JsonElement> AskAsync(string path, string json)
    {
        using HttpResponseMessage response = await PostAsync(path, json);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks the question that the demonstration model answers with <c>The cow says moo.</c></summary>
    public async Task<string?> AskAboutTheCowAsync(string model = "")
    {
        string field = model.Length == 0 ? "" : $"\"model\": \"{model}\", ";
        JsonElement answer = await AskAsync("/v1/chat/completions", $$"""{{{field}}"messages": [{"role": "user", "content": "What sound does a cow make?"}], "temperature": 0}""");
        return answer.TryGetProperty("choices", out JsonElement choices)
            ? choices[0].GetProperty("message").GetProperty("content").GetString()
            : answer.GetProperty("error").GetProperty("code").GetString();
    }

    /// <summary>Waits until standard error contains a text.</summary>
    public Task TellsAsync(string text) => _error.ContainsAsync(text).WaitAsync(s_patience);

    /// <summary>Tells the command to stop, as Ctrl+C and SIGTERM do.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>The result of the command, which must have been told to stop, or fail.</summary>
    public async Task<(int ExitCode, string Output, string Error)> WaitAsync()
    {
        int exitCode = await _command.WaitAsync(s_patience);
        return (exitCode, _output.ToString(), _error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _command.WaitAsync(s_patience);
        Client?.Dispose();
        _stop.Dispose();
    }
}
