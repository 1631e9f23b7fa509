using System.Collections.Concurrent;
using System.Text;
using Llama2.Extensions;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Llama2.Server.Tests.Monitoring;

/// <summary>The lines of docs/server.md send spans and metrics to a collector.</summary>
public sealed class TelemetryExportTests
{
    [Fact]
    public async Task UseOtlpExporter_LinesOfTheDocumentation_SendSpansAndMetricsOfRequests()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using WebApplication collector = CreateCollector(received);
        await collector.StartAsync();
        WebApplicationBuilder builder = CreateBuilder();
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single();
        builder.Configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        builder.Services.AddLlama(DemonstrationModel.Path);
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddSource(LlamaTelemetry.Name))
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddMeter(LlamaTelemetry.Name))
            .UseOtlpExporter();
        await using (WebApplication application = builder.Build())
        {
            application.MapLlama();
            await application.StartAsync();
            using var client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
            using var body = new StringContent("""{"messages": [{"role": "user", "content": "xylophone"}], "max_tokens": 3}""", Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), body);
            response.EnsureSuccessStatusCode();
            await application.StopAsync();
        }

        // Names and texts are readable in the bytes of Protobuf.
        received["/v1/traces"].Should().Contain($"chat {Storyteller.Name}").And.Contain("gen_ai.usage.output_tokens").And.Contain("POST /v1/chat/completions").And.NotContain("xylophone");
        received["/v1/metrics"].Should().Contain("gen_ai.server.time_to_first_token").And.Contain("http.server.request.duration").And.NotContain("xylophone");
    }

    private static WebApplication CreateCollector(ConcurrentDictionary<string, string> received)
    {
        WebApplication collector = CreateBuilder().Build();
        collector.MapPost("/{**path}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.AddOrUpdate(context.Request.Path, Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        });
        return collector;
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        return builder;
    }
}
