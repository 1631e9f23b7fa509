using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using UnitTesting;

namespace Llama2.Server.Tests.Monitoring;

public sealed class MetricsEndpointTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Question = """{"messages": [{"role": "user", "content": "What sound does a cow make?"}], "temperature": 0}""";

    [Theory]
    [InlineData(null, false)]
    [InlineData("*/*", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text;q=0", false)]
    [InlineData("text/plain, application/openmetrics-text;q=0.9", false)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", true)]
    public async Task Get_Metrics_HaveTheFormatThatIsAccepted(string? accept, bool isOpenMetrics)
    {
        await using LocalServer server = await StartAsync();
        await server.AskAsync(Chat, Question);

        (Exposition metrics, MediaTypeHeaderValue type) = await ReadAsync(server, accept);

        type.ToString().Should().Be(isOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8" : "text/plain; version=0.0.4; charset=utf-8");
        metrics.Samples.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Get_AfterRequests_HasTheirNumbersTimesAndTokens()
    {
        await using LocalServer server = await StartAsync();
        JsonElement usage = (await server.AskAsync(Chat, Question)).GetProperty("usage");
        await server.AskAsync(Chat, Question);
        await server.AskAsync("/v1/completions", """{"prompt": "A cow", "max_tokens": 3}""");
        await server.AskAsync("/v1/embeddings", """{"input": "A cow"}""");
        await server.RefuseAsync(Chat, Question.Replace("\"temperature\": 0", "\"temperature\": 3", StringComparison.Ordinal));

        Exposition metrics = await ReadAfterAsync(server, requestCount: 5);

        int promptCount = usage.GetProperty("prompt_tokens").GetInt32(), generatedCount = usage.GetProperty("completion_tokens").GetInt32();
        Operation("gen_ai_server_request_duration_seconds_count", "chat").Should().Be(2);
        Operation("gen_ai_server_request_duration_seconds_count", "text_completion").Should().Be(1);
        Operation("gen_ai_server_request_duration_seconds_count", "embeddings").Should().Be(1);
        Operation("gen_ai_server_time_to_first_token_seconds_count", "chat").Should().Be(2);
        Operation("gen_ai_server_time_per_output_token_seconds_count", "chat").Should().Be(2);
        metrics.Value("llama2_tokens_total", ("llama2_token_type", "generated"), ("llama2_model", Storyteller.Name)).Should().Be((2 * generatedCount) + 3);
        metrics.Value("llama2_tokens_total", ("llama2_token_type", "prompt")).Should().BeGreaterThan(2 * promptCount);
        metrics.Value("llama2_tokens_total", ("llama2_token_type", "cached")).Should().BeGreaterThanOrEqualTo(promptCount - 1);
        metrics.Value("llama2_requests_active").Should().Be(0);
        metrics.Value("gen_ai_client_token_usage_sum", ("gen_ai_operation_name", "chat"), ("gen_ai_token_type", "input")).Should().Be(2 * promptCount);
        metrics.Value("gen_ai_client_token_usage_sum", ("gen_ai_operation_name", "chat"), ("gen_ai_token_type", "output")).Should().Be(2 * generatedCount);
        metrics.Value("gen_ai_client_token_usage_sum", ("gen_ai_operation_name", "text_completion"), ("gen_ai_token_type", "output")).Should().Be(3);
        metrics.Value("gen_ai_client_token_usage_count", ("gen_ai_operation_name", "embeddings")).Should().Be(1);
        metrics.Value("http_server_request_duration_seconds_count", ("http_route", Chat), ("http_response_status_code", "200"), ("gen_ai_request_model", Storyteller.Name)).Should().Be(2);
        metrics.Value("http_server_request_duration_seconds_count", ("http_route", Chat), ("http_response_status_code", "400")).Should().Be(1);
        metrics.Value("http_server_active_requests", ("http_request_method", "GET")).Should().Be(1, "the request for the metrics itself is active");

        double Operation(string name, string operation) => metrics.Value(
            name, ("gen_ai_operation_name", operation), ("gen_ai_provider_name", "llama2"), ("gen_ai_request_model", Storyteller.Name), ("gen_ai_response_model", Storyteller.Name));
    }

    [Fact]
    public async Task Get_LoadedModel_HasItsMemoryAndTheStateOfTheProcess()
    {
        await using LocalServer server = await StartAsync();
        (Exposition before, _) = await ReadAsync(server);
        before.Find("llama2_model_weights_bytes").Should().BeEmpty("no request has loaded the model");
        await server.AskAsync(Chat, Question);

        Exposition metrics = await ReadAfterAsync(server, requestCount: 1);

        double page = metrics.Value("llama2_cache_page_bytes"), limit = metrics.Value("llama2_cache_limit_bytes");
        // 1.1 million weights in Q8_0 take 8.5 bits each, and the embeddings are in memory a second time.
        metrics.Value("llama2_model_weights_bytes", ("llama2_model", Storyteller.Name)).Should().BeInRange(1_000_000, 3_000_000);
        (limit % page).Should().Be(0);
        metrics.Value("llama2_cache_used_pages").Should().Be(0);
        metrics.Value("llama2_cache_used_bytes").Should().Be(0);
        metrics.Value("llama2_calls_running").Should().Be(0);
        metrics.Value("llama2_calls_waiting").Should().Be(0);
        metrics.Value("llama2_model_load_duration_seconds_count").Should().Be(1);
        metrics.Value("process_resident_memory_bytes").Should().BeGreaterThan(1_000_000);
        metrics.Value("process_cpu_seconds_total").Should().BePositive();
        using var process = Process.GetCurrentProcess();
        metrics.Value("process_start_time_seconds").Should().BeApproximately(new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0, 1);
        Exposition.Sample build = metrics.Find("llama2_build_info").Should().ContainSingle().Subject;
        build.Value.Should().Be(1);
        build.Labels["kernel_tier"].Should().Be(LlamaHardware.KernelTier.ToString());
        build.Labels["version"].Should().MatchRegex(@"^\d+\.\d+\.\d+");
    }

    [Fact]
    public async Task Get_WhileARequestRuns_CountsItAsActive()
    {
        await using LocalServer server = await StartAsync();
        // No token is the end of the text, so the answer does not end before its reader leaves.
        using var leaving = new CancellationTokenSource();
        using HttpResponseMessage response = await server.PostAsync(
            Chat, """{"messages": [{"role": "user", "content": "Well?"}], "stream": true, "logit_bias": {"2": -100}, "n": 2}""", leaving.Token);
        (Exposition metrics, _) = await ReadAsync(server);

        metrics.Value("http_server_active_requests", ("http_request_method", "POST")).Should().Be(1);
        metrics.Find("llama2_requests_active").Should().ContainSingle().Which.Value.Should().BeInRange(0, 2);
        await leaving.CancelAsync();
    }

    [Fact]
    public async Task Get_NamesOfModelsThatDoNotExist_AreNoLabels()
    {
        await using LocalServer server = await StartAsync();
        for (int i = 0; i < 20; i++)
        {
            await server.RefuseAsync(Chat, $$"""{"model": "invented-{{i}}", "messages": [{"role": "user", "content": "a"}]}""");
            using HttpResponseMessage _ = await server.Client.GetAsync(new Uri($"/v1/models/invented-{i}", UriKind.Relative));
            using HttpResponseMessage __ = await server.Client.GetAsync(new Uri($"/v1/invented-{i}", UriKind.Relative));
            using HttpResponseMessage ___ = await server.Client.GetAsync(new Uri($"/invented-{i}", UriKind.Relative));
            using var request = new HttpRequestMessage(new HttpMethod($"INVENTED{i}"), "/v1/models");
            using HttpResponseMessage ____ = await server.Client.SendAsync(request);
        }

        Exposition metrics = await ReadAfterAsync(server, requestCount: 100);

        metrics.Samples.SelectMany(sample => sample.Labels.Values).Should().NotContain(value => value.Contains("invented", StringComparison.OrdinalIgnoreCase));
        metrics.Value("http_server_request_duration_seconds_count", ("http_response_status_code", "404"), ("http_route", "/v1/models/{**id}")).Should().Be(20);
    }

    [Fact]
    public async Task Get_OfAnotherApplicationOfTheProcess_IsNotCounted()
    {
        await using LocalServer first = await StartAsync(), second = await StartAsync();
        await first.AskAsync(Chat, Question);

        (Exposition metrics, _) = await ReadAsync(second);

        metrics.Find("llama2_tokens_total").Should().BeEmpty();
        metrics.Find("gen_ai_server_request_duration_seconds_count").Should().BeEmpty();
    }

    [Fact]
    public async Task Get_ByManyAtOnce_IsCompleteForEach()
    {
        await using LocalServer server = await StartAsync();
        await server.AskAsync(Chat, Question);

        (Exposition Metrics, MediaTypeHeaderValue)[] all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReadAsync(server)));

        all.Should().OnlyContain(read => read.Metrics.Find("llama2_model_weights_bytes").Count() == 1);
    }

    [Fact]
    public async Task Get_InstrumentThatThrows_IsLeftOutAndLogged()
    {
        await using LocalServer server = await StartAsync(map: application =>
        {
            Meter meter = application.Services.GetRequiredService<IMeterFactory>().Create("Llama2.Server");
            meter.CreateObservableGauge("broken", (Func<int>)(() => throw new InvalidDataException("secret")));
        });

        (Exposition metrics, _) = await ReadAsync(server);

        metrics.Find("broken").Should().BeEmpty();
        metrics.Find("process_cpu_seconds_total").Should().NotBeEmpty();
        server.Log.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Warning && entry.Message.Contains("System.IO.InvalidDataException"));
        server.Log.Entries.Should().NotContain(entry => entry.Message.Contains("secret"));
    }

    [Theory]
    [InlineData(Chat, """{"messages": [{"role": "user", "content": "Well?"}]}""")]
    [InlineData("/v1/completions", """{"prompt": "Well?"}""")]
    public async Task Get_AfterAnAnswerThatFailed_HasTheTokensUpToThen(string path, string body)
    {
        var model = new FaultyModel(new ScriptedModel(ModelTokenizer.Load(DemonstrationModel.Path)), 3, () => new InvalidDataException());
        await using LocalServer server = await LocalServer.StartAsync(model);
        (await server.RefuseAsync(path, body)).Code.Should().Be("internal_error");

        Exposition metrics = await ReadAfterAsync(server, requestCount: 1);

        metrics.Value("llama2_tokens_total", ("llama2_token_type", "generated")).Should().Be(3);
    }

    [Fact]
    public async Task Map_WithoutMetrics_HasNoEndpoint()
    {
        await using LocalServer server = await StartAsync(new LlamaServerOptions { ServeMetrics = false });

        using HttpResponseMessage response = await server.Client.GetAsync(new Uri("/metrics", UriKind.Relative));

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private static Task<LocalServer> StartAsync(LlamaServerOptions? options = null, Action<WebApplication>? map = null) =>
        LocalServer.StartAsync(services => services.AddLlama(DemonstrationModel.Path), options, map);

    // A client can have an answer before the server has counted the request.
    private static async Task<Exposition> ReadAfterAsync(LocalServer server, int requestCount)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            (Exposition metrics, _) = await ReadAsync(server, cancellationToken: patience.Token);
            if (metrics.Find("http_server_request_duration_seconds_count").Where(sample => sample.Labels.GetValueOrDefault("http_route") != "/metrics").Sum(sample => sample.Value) >= requestCount)
                return metrics;
        }
    }

    private static async Task<(Exposition Metrics, MediaTypeHeaderValue Type)> ReadAsync(LocalServer server, string? accept = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (accept is not null)
            request.Headers.Add("Accept", accept);
        using HttpResponseMessage response = await server.Client.SendAsync(request, cancellationToken);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        response.Content.Headers.ContentLength.Should().Be(body.Length);
        MediaTypeHeaderValue type = response.Content.Headers.ContentType!;
        return (Exposition.Parse(body, type.MediaType == "application/openmetrics-text"), type);
    }
}
