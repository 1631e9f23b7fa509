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

    [Theory]
    [InlineData(false, false, 1, HealthStatus.Unhealthy)]
    [InlineData(false, true, 0, HealthStatus.Unhealthy)]
    [InlineData(true, false, 0, HealthStatus.Healthy)]
    public async Task CheckHealthAsync_ThatStartsLoading_DoesSoWhereNothingElseWould(bool isLoaded, bool warmsUp, int startCount, HealthStatus expected)
    {
        var status = new ModelStatus();
        if (isLoaded)
            status.SetLoaded();
        int count = 0;

        HealthCheckResult result = await CheckAsync(status, warmsUp, () => count++);

        result.Status.Should().Be(expected);
        count.Should().Be(startCount);
    }

    [Fact]
    public async Task CheckHealthAsync_ThatStartsLoading_TriesAgainAfterAFaultAndReportsIt()
    {
        var status = new ModelStatus();
        status.SetFault(new IOException("gone"));

        // The report describes the previous attempt to load, even if the new attempt ends at once.
        HealthCheckResult failed = await CheckAsync(status, warmsUp: false, status.SetLoaded);
        HealthCheckResult loaded = await CheckAsync(status, warmsUp: false, status.SetLoaded);

        failed.Status.Should().Be(HealthStatus.Unhealthy);
        failed.Exception!.Message.Should().Be("gone");
        loaded.Status.Should().Be(HealthStatus.Healthy);
    }

    private static Task<HealthCheckResult> CheckAsync(ModelStatus? status, bool warmsUp, Action? startLoading = null)
    {
        var check = new ModelHealthCheck("", status, warmsUp, startLoading);
        return check.CheckHealthAsync(new HealthCheckContext { Registration = new HealthCheckRegistration("llama", check, null, null) });
    }
}
