using Llama2.Extensions.Health;
using Llama2.Extensions.Loading;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks of models.</summary>
public static class LlamaHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that is healthy once the model is loaded and, with <see cref="LlamaBuilderExtensions.WarmUpOnStart"/>, warmed up. It does not
    /// load the model itself, needs none of its options, and never throws. A model without warm-up is <see cref="HealthStatus.Degraded"/> until the
    /// first request loads it. The check is called <c>llama</c>, or <c>llama:</c> followed by the model's name. A host does not start if no model
    /// with that name is registered: <see cref="Options.OptionsValidationException"/> lists the registered ones.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name under which <c>AddLlama</c> registered the model; null for the default one.</param>
    /// <param name="failureStatus">
    /// What the check reports while the model is warming up, and if the model could not be loaded or is not registered; null for
    /// <see cref="HealthStatus.Unhealthy"/>.
    /// </param>
    /// <param name="tags">Tags by which checks can be filtered.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddLlama(
        this IHealthChecksBuilder builder, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string key = name ?? Options.Options.DefaultName;
        builder.Services.AddOptions<CheckedModels>().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CheckedModels>>(new CheckedModelsValidator(key, builder.Services));
        return builder.Add(new HealthCheckRegistration(
            key.Length == 0 ? "llama" : $"llama:{key}", provider => CreateCheck(provider, key), failureStatus, tags));
    }

    // The options would serve too, but reading them throws if they are invalid.
    private static ModelHealthCheck CreateCheck(IServiceProvider provider, string name) =>
        new(name, provider.GetKeyedService<ModelStatus>(name), warmsUp: provider.GetKeyedService<WarmUpRequest>(name) is not null);
}
