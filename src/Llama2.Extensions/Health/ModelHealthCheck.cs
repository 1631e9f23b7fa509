using Llama2.Extensions.Loading;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Llama2.Extensions.Health;

/// <summary>Reports whether a model is ready.</summary>
/// <param name="name">The model's name; empty for the default model.</param>
/// <param name="status">The model's status; null if no model with the name is registered.</param>
/// <param name="warmsUp">Whether a hosted service loads the model and warms it up while the host starts; otherwise the first request loads it.</param>
/// <param name="startLoading">Starts loading the model unless it is already being loaded; null if the check must not load it.</param>
internal sealed class ModelHealthCheck(string name, ModelStatus? status, bool warmsUp, Action? startLoading) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        HealthStatus failure = context.Registration.FailureStatus;
        bool isStarted = startLoading is not null && !warmsUp && (status is { IsLoaded: false } or { Fault: not null });
        Exception? last = status?.Fault;
        if (isStarted)
            startLoading!();
        return Task.FromResult(status switch
        {
            null => new HealthCheckResult(failure, $"The health of the model '{name}' cannot be checked, because the model is not registered: add it with services.AddLlama."),
            _ when last is not null => new HealthCheckResult(failure, isStarted ? "The model could not be loaded or warmed up; loading is tried again." : "The model could not be loaded or warmed up.", last),
            { IsLoaded: false } when warmsUp => new HealthCheckResult(failure, "The model is not loaded yet."),
            { IsWarm: false } when warmsUp => new HealthCheckResult(failure, "The model is loaded but not warmed up yet."),
            { IsLoaded: false } when isStarted => new HealthCheckResult(failure, "The model is being loaded."),
            // A model that is not loaded yet is not reported as a failure. A load balancer sends no request to a service that fails its health check, so the
            // first request, which loads the model, would never come.
            { IsLoaded: false } => HealthCheckResult.Degraded("The model is not loaded yet: the first request that needs it loads it."),
            _ => HealthCheckResult.Healthy("The model is ready."),
        });
    }
}
