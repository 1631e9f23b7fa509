using Llama2.Extensions.Health;
using Llama2.Extensions.Loading;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers health checks of models.</summary>
public static class LlamaHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that reports <see cref="HealthStatus.Healthy"/> once the model is loaded and, with
    /// <see cref="LlamaBuilderExtensions.WarmUpOnStart"/>, warmed up. The check never waits for the model and never throws. For a model without
    /// warm-up, it reports <see cref="HealthStatus.Degraded"/> until the first request loads the model, unless <paramref name="startsLoading"/> is
    /// true. The check is called <c>llama</c>, or <c>llama:</c> followed by the model's name. If no model with that name is registered, the host does
    /// not start: <see cref="Options.OptionsValidationException"/> lists the registered models.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name under which <c>AddLlama</c> registered the model; null for the default model.</param>
    /// <param name="failureStatus">
    /// The status that the check reports while the model is being loaded or warmed up in the background, and after this loading or warm-up has failed. It is
    /// also the status if the model is not registered. Null for <see cref="HealthStatus.Unhealthy"/>.
    /// </param>
    /// <param name="tags">Tags by which checks can be filtered.</param>
    /// <param name="startsLoading">
    /// Whether the check itself starts loading the model in the background if the model is not loaded, and again if loading failed. This has no
    /// effect on a model with warm-up. Until the model is ready, the check reports <paramref name="failureStatus"/>, so that a load balancer sends no
    /// requests yet. No request is needed to load the model: the load balancer's health probes start it. Default false.
    /// </param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddLlama(
        this IHealthChecksBuilder builder, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null, bool startsLoading = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        string key = name ?? Options.Options.DefaultName;
        builder.Services.AddOptions<CheckedModels>().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<CheckedModels>>(new CheckedModelsValidator(key, builder.Services));
        if (startsLoading)
            builder.Services.TryAddKeyedSingleton(key, (provider, _) => new BackgroundLoad(provider, key));
        return builder.Add(new HealthCheckRegistration(
            key.Length == 0 ? "llama" : $"llama:{key}", provider => CreateCheck(provider, key, startsLoading), failureStatus, tags));
    }

    // The model's options are not read here, because reading them throws if they are invalid, and a check must not throw.
    private static ModelHealthCheck CreateCheck(IServiceProvider provider, string name, bool startsLoading)
    {
        var status = provider.GetKeyedService<ModelStatus>(name);
        bool loads = startsLoading && status is not null;
        return new ModelHealthCheck(
            name,
            status,
            warmsUp: provider.GetKeyedService<WarmUpRequest>(name) is not null,
            loads ? provider.GetRequiredKeyedService<BackgroundLoad>(name).Start : null);
    }
}
