using Llama2.Extensions.Health;
using Llama2.Extensions.Loading;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Llama2.Extensions.Tests.Health;

public class ModelHealthCheckTests
{
    [Theory]
    [InlineData(false, false, false, HealthStatus.Degraded)]
    [InlineData(false, false, true, HealthStatus.Unhealthy)]
    [InlineData(true, false, false, HealthStatus.Healthy)]
    [InlineData(true, false, true, HealthStatus.Unhealthy)]
    [InlineData(true, true, true, HealthStatus.Healthy)]
    public async Task CheckHealthAsync_OfAStage_IsHealthyWhenReady(bool isLoaded, bool isWarm, bool warmsUp, HealthStatus expected)
    {
        var status = new ModelStatus();
        if (isLoaded)
            status.SetLoaded();
        if (isWarm)
            status.SetWarm();

        (await CheckAsync(status, warmsUp)).Status.Should().Be(expected);
    }

    [Fact]
    public async Task CheckHealthAsync_AfterAFault_ReportsItUntilTheModelIsLoaded()
    {
        var status = new ModelStatus();
        var fault = new IOException("gone");
        status.SetFault(fault);

        HealthCheckResult failed = await CheckAsync(status, warmsUp: false);
        status.SetLoaded();
        HealthCheckResult loaded = await CheckAsync(status, warmsUp: false);

        failed.Status.Should().Be(HealthStatus.Unhealthy);
        failed.Exception.Should().BeSameAs(fault);
        loaded.Status.Should().Be(HealthStatus.Healthy);
    }

    private static Task<HealthCheckResult> CheckAsync(ModelStatus? status, bool warmsUp)
    {
        var check = new ModelHealthCheck("", status, warmsUp);
        return check.CheckHealthAsync(new HealthCheckContext { Registration = new HealthCheckRegistration("llama", check, null, null) });
    }
}
