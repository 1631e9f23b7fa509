using Llama2.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the health of models.</summary>
public static class LlamaHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is healthy once the model is loaded and, with <see cref="LlamaBuilderExtensions.WarmUpOnStart"/>, warm. It does not
    /// load the model itself. It is called <c>llama</c>, or <c>llama:</c> and the model's name.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name under which <c>AddLlama</c> registered the model; null for the default one.</param>
    /// <param name="failureStatus">What the check reports until then; null for <see cref="HealthStatus.Unhealthy"/>.</param>
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

    private static ModelHealthCheck CreateCheck(IServiceProvider provider, string name)
    {
        ModelStatus status = provider.GetKeyedService<ModelStatus>(name)
            ?? throw new InvalidOperationException($"There is no model '{name}' whose health could be checked: register it with services.AddLlama.");
        return new ModelHealthCheck(status, provider.GetRequiredService<IOptionsMonitor<LlamaOptions>>().Get(name).WarmsUpOnStart);
    }
}
