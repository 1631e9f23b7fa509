using System.Net;
using System.Text.Json;
using Llama2.Samples.Tests;
using Llama2.Server.Endpoints;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using UnitTesting;

namespace Llama2.Server.Tests.Endpoints;

public sealed class ShutdownTests : IDisposable
{
    private const string Path = "/v1/chat/completions";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);

    private readonly PausedModel _model = new(new ScriptedModel(s_tokenizer));
    private readonly ManualTimeProvider _clock = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Stream_ServerStops_IsFinished()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions());
        using HttpResponseMessage response = await BeginAsync(server);

        Task stopping = server.StopAsync();
        stopping.IsCompleted.Should().BeFalse();
        _model.GoOn();

        string body = await response.Content.ReadAsStringAsync();
        await stopping.WaitAsync(s_patience);
        body.Should().EndWith("data: [DONE]\n\n").And.Contain("\"finish_reason\":\"stop\"");
    }

    [Fact]
    public async Task Stream_StillRunsAfterTheGrace_EndsWithAnEvent()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { ShutdownGrace = TimeSpan.FromSeconds(10) });
        using HttpResponseMessage response = await BeginAsync(server);
        Task<string> reading = response.Content.ReadAsStringAsync();
        server.Stopping();
        // The request is not ended before its time, or this clock would not be needed to end it.
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        _clock.RunningTimerCount.Should().BePositive();

        _clock.Advance(TimeSpan.FromSeconds(0.1));

        ErrorOf(await reading.WaitAsync(s_patience)).Should().Be("server_shutting_down");
    }

    [Fact]
    public async Task Post_StillRunsAfterTheGrace_Is503()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { ShutdownGrace = TimeSpan.FromSeconds(10) });
        Task<HttpResponseMessage> posting = server.PostAsync(Path, """{"messages": [{"role": "user", "content": "Well?"}]}""");
        await _model.Begun.WaitAsync(s_patience);

        server.Stopping();
        _clock.Advance(TimeSpan.FromSeconds(10));

        using HttpResponseMessage response = await posting.WaitAsync(s_patience);
        (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.ServiceUnavailable, Type = "server_error", Code = "server_shutting_down" });
    }

    [Fact]
    public async Task Stream_NoGrace_EndsAtOnce()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { ShutdownGrace = TimeSpan.Zero });
        using HttpResponseMessage response = await BeginAsync(server);

        await server.StopAsync().WaitAsync(s_patience);

        ErrorOf(await response.Content.ReadAsStringAsync()).Should().Be("server_shutting_down");
    }

    [Theory]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/health/ready")]
    [InlineData("POST", Path)]
    public async Task Request_WhileTheServerStops_IsRefusedAndClosesTheConnection(string method, string path)
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions());
        server.Stopping();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.ServiceUnavailable, Type = "server_error", Code = "server_shutting_down" });
        response.Headers.ConnectionClose.Should().BeTrue();
    }

    [Fact]
    public async Task Get_LifeWhileTheServerStops_IsOk()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions());
        server.Stopping();

        (await server.Client.GetStringAsync(new Uri("/health/live", UriKind.Relative))).Should().Be("""{"status":"ok"}""");
    }

    [Theory]
    [InlineData(25, 30, 25)]
    [InlineData(60, 30, 28)]
    [InlineData(25, 4, 3)]
    [InlineData(25, 0, 0)]
    [InlineData(0, 30, 0)]
    [InlineData(86_400, -0.001, 86_400)]
    public void Within_TimeOfTheHost_LeavesTimeToTellTheClients(double grace, double hostTimeout, double expected) =>
        Shutdown.Within(TimeSpan.FromSeconds(grace), TimeSpan.FromSeconds(hostTimeout)).Should().Be(TimeSpan.FromSeconds(expected));

    private Task<LocalServer> StartAsync(LlamaServerOptions options) => LocalServer.StartAsync(
        services =>
        {
            services.AddSingleton<ILlamaModel>(_model).AddSingleton<TimeProvider>(_clock);
            services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(5));
            services.AddLlama("script.gguf");
        },
        options);

    /// <summary>Begins a stream, and reads the header of its response, which is sent with the first token.</summary>
    private static async Task<HttpResponseMessage> BeginAsync(LocalServer server)
    {
        HttpResponseMessage response = await server.PostAsync(Path, """{"messages": [{"role": "user", "content": "Well?"}], "stream": true}""");
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        return response;
    }

    private static string? ErrorOf(string body) =>
        JsonElement.Parse(body[..^2].Split("\n\n")[^1]["data: ".Length..]).GetProperty("error").GetProperty("code").GetString();
}
