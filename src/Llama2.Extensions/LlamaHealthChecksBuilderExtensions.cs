using Llama2.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the health of models.</summary>
public static class LlamaHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is healthy once the model is loaded and, with <see cref="LlamaBuilderExtensions.WarmUpOnStart"/>, warm. It does not
    /// load the model itself, needs none of its options, and never throws. A model that its first request loads is
    /// <see cref="HealthStatus.Degraded"/> until then. The check is called <c>llama</c>, or <c>llama:</c> and the model's name.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name under which <c>AddLlama</c> registered the model; null for the default one.</param>
    /// <param name="failureStatus">
    /// What the check reports while the model is warming up, and where it could not be loaded or is not registered; null for
    /// <see cref="HealthStatus.Unhealthy"/>.
    /// </param>
    /// <param name="tags">By which checks are filtered.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddLlama(
        this IHealthChecksBuilder builder, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string key = name ?? Options.Options.DefaultName;
        return builder.Add(new HealthCheckRegistration(
            key.Length == 0 ? "llama" : $"llama:{key}", provider => CreateCheck(provider, key), failureStatus, tags));
    }

    // The options would do too, but where they are invalid to read them throws.
    private static ModelHealthCheck CreateCheck(IServiceProvider provider, string name) =>
        new(name, provider.GetKeyedService<ModelStatus>(name), warmsUp: provider.GetKeyedService<WarmUpRequest>(name) is not null);
}
