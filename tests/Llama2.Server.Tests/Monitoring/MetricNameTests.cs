using Llama2.Server.Monitoring;

namespace Llama2.Server.Tests.Monitoring;

/// <summary>The expected names follow OpenTelemetry's specification of its compatibility with Prometheus.</summary>
public class MetricNameTests
{
    [Theory]
    [InlineData("http.server.request.duration", "s", "Histogram", "http_server_request_duration_seconds")]
    [InlineData("gen_ai.client.token.usage", "{token}", "Histogram", "gen_ai_client_token_usage")]
    [InlineData("llama2.tokens", "{token}", "Counter", "llama2_tokens_total")]
    [InlineData("llama2.prefill.rate", "{token}/s", "Histogram", "llama2_prefill_rate_per_second")]
    [InlineData("process.cpu", "s", "Counter", "process_cpu_seconds_total")]
    [InlineData("io.rate", "By/s", "Gauge", "io_rate_bytes_per_second")]
    [InlineData("requests.total", null, "Counter", "requests_total")]
    [InlineData("disk.bytes", "By", "Gauge", "disk_bytes")]
    [InlineData("load", "1", "Gauge", "load_ratio")]
    [InlineData("load", "1", "Counter", "load_total")]
    [InlineData("4xx--count", "", "Gauge", "_4xx_count")]
    [InlineData("a.b-c/d", null, "Gauge", "a_b_c_d")]
    public void Of_Instrument_IsThatOfTheSpecification(string instrument, string? unit, string kind, string expected) =>
        MetricName.Of(instrument, unit, Enum.Parse<MetricKind>(kind)).Should().Be(expected);
}
