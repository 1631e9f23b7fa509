using Llama2;
using Llama2.Extensions;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a model with a service collection.</summary>
public static class LlamaServiceCollectionExtensions
{
    /// <summary>
    /// Registers <see cref="ILlamaModel"/> as a singleton. The model is loaded when it is first asked for, once whatever the number of
    /// threads, and disposed with the container. An <see cref="ILlamaModel"/> that is already registered stays, such as a test's own.
    /// </summary>
    /// <param name="services">The collection.</param>
    /// <param name="modelPath">The model's file, absolute or relative to the current directory.</param>
    /// <returns>The same collection.</returns>
    /// <exception cref="ArgumentException"><paramref name="modelPath"/> is null or empty.</exception>
    public static IServiceCollection AddLlama(this IServiceCollection services, string modelPath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        return services.AddLlama(options => options.ModelPath = modelPath);
    }

    /// <summary>As <see cref="AddLlama(IServiceCollection, string)"/>, with options.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="configure">
    /// Sets the options. Resolving the model throws <see cref="OptionsValidationException"/> where they do not hold, and a host does so when
    /// it starts.
    /// </param>
    /// <returns>The same collection.</returns>
    public static IServiceCollection AddLlama(this IServiceCollection services, Action<LlamaOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<LlamaOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LlamaOptions>, LlamaOptionsValidator>());
        services.TryAddSingleton(ModelLoader.Load);
        return services;
    }
}
