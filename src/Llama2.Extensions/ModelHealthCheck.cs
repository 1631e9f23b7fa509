using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Llama2.Extensions;

/// <summary>Reports how far a model is.</summary>
internal sealed class ModelHealthCheck(ModelStatus status, bool warmsUp) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        HealthStatus failure = context.Registration.FailureStatus;
        return Task.FromResult(status switch
        {
            { Fault: { } fault } => new HealthCheckResult(failure, "The model could not be made ready.", fault),
            { IsLoaded: false } => new HealthCheckResult(failure, "The model is not loaded."),
            { IsWarm: false } when warmsUp => new HealthCheckResult(failure, "The model is loaded and not yet warm."),
            _ => HealthCheckResult.Healthy("The model is ready."),
        });
    }
}
