using Llama2;
using Llama2.Extensions;
using Llama2.Extensions.Hosting;
using Llama2.Extensions.Loading;
using Llama2.Extensions.Routing;
using Llama2.Extensions.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers models with a service collection.</summary>
/// <remarks>
/// <para>
/// <see cref="ILlamaModel"/> is a singleton. The model is loaded when the service is first resolved, and only once, even if several threads resolve
/// the service at the same time. The model is disposed with the container. If the application also registers an <see cref="ILlamaModel"/> of its own,
/// such as a test double, that model is used, and <see cref="LlamaOptions.ModelPath"/> is ignored. The order of the registrations does not matter.
/// </para>
/// <para>
/// A named model, and all services that use it, are keyed services; the name is the key. A model without a name is the default model: it can be
/// resolved without a key, and with the empty key.
/// </para>
/// <para>
/// The options are checked when a host starts or, without a host, when the model is resolved. An <see cref="OptionsValidationException"/> names the
/// invalid properties.
/// </para>
/// </remarks>
public static class LlamaServiceCollectionExtensions
{
    /// <summary>Registers the default model by its file.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="modelPath">The model's file or folder, absolute or relative to the current directory, or the name of a pulled model: <c>owner/repository:file</c>.</param>
    /// <returns>A builder for services that use the model, such as a chat client.</returns>
    /// <exception cref="ArgumentException"><paramref name="modelPath"/> is null or empty.</exception>
    public static ILlamaBuilder AddLlama(this IServiceCollection services, string modelPath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        return services.AddLlama(options => options.ModelPath = modelPath);
    }

    /// <summary>Registers the default model with options.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder for services that use the model, such as a chat client.</returns>
    public static ILlamaBuilder AddLlama(this IServiceCollection services, Action<LlamaOptions> configure) =>
        Add(services, Options.Options.DefaultName, configure);

    /// <summary>Registers the default model with options from configuration.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="section">The section, whose keys are the names of the properties of <see cref="LlamaOptions"/> that are to be set.</param>
    /// <returns>A builder for services that use the model, such as a chat client.</returns>
    public static ILlamaBuilder AddLlama(this IServiceCollection services, IConfigurationSection section) =>
        Add(services, Options.Options.DefaultName, section);

    /// <summary>Registers a named model by its file.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="name">The model's name, which is the key of its services.</param>
    /// <param name="modelPath">The model's file or folder, absolute or relative to the current directory, or the name of a pulled model: <c>owner/repository:file</c>.</param>
    /// <returns>A builder for services that use the model, such as a chat client.</returns>
    /// <exception cref="ArgumentException">The name or <paramref name="modelPath"/> is null or empty.</exception>
    public static ILlamaBuilder AddLlama(this IServiceCollection services, string name, string modelPath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelPath);
        return services.AddLlama(name, options => options.ModelPath = modelPath);
    }

    /// <summary>Registers a named model with options.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="name">The model's name, which is the key of its services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder for services that use the model, such as a chat client.</returns>
    /// <exception cref="ArgumentException">The name is null or empty.</exception>
    public static ILlamaBuilder AddLlama(this IServiceCollection services, string name, Action<LlamaOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Add(services, name, configure);
    }

    /// <summary>Registers a named model with options from configuration.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="name">The model's name, which is the key of its services.</param>
    /// <param name="section">The section, whose keys are the names of the properties of <see cref="LlamaOptions"/> that are to be set.</param>
    /// <returns>A builder for services that use the model, such as a chat client.</returns>
    /// <exception cref="ArgumentException">The name is null or empty.</exception>
    public static ILlamaBuilder AddLlama(this IServiceCollection services, string name, IConfigurationSection section)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Add(services, name, section);
    }

    /// <summary>
    /// Registers the <see cref="ILlamaModelStore"/> in which <see cref="LlamaOptions.ModelPath"/> is looked up if there is no file or folder with
    /// this path. This call is needed only to set the store's options: registering a model also registers a store with default options. Models are
    /// never pulled automatically.
    /// </summary>
    /// <param name="services">The collection.</param>
    /// <param name="options">The options of the store, such as its folder and the hub; null for the defaults.</param>
    /// <returns>The same collection.</returns>
    public static IServiceCollection AddLlamaModelStore(this IServiceCollection services, LlamaModelStoreOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.Replace(ServiceDescriptor.Singleton<ILlamaModelStore>(_ => new LlamaModelStore(options)));
    }

    /// <summary>
    /// Registers a <see cref="LlamaRouter"/>: several models that share a budget of memory. The first request for a model loads it. A model is unloaded when it
    /// is idle, or when another model needs its memory. With <c>services.AddChatClient(provider =>
    /// provider.GetRequiredService&lt;LlamaRouter&gt;().AsIChatClient())</c> requests choose the model by <c>ChatOptions.ModelId</c>.
    /// </summary>
    /// <param name="services">The collection.</param>
    /// <param name="configure">Sets the options. If the method is called several times, all calls configure the same router.</param>
    /// <returns>The same collection.</returns>
    public static IServiceCollection AddLlamaRouter(this IServiceCollection services, Action<LlamaRouterOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddRouter(services).Configure(configure);
        return services;
    }

    /// <summary>Registers a <see cref="LlamaRouter"/> with options from configuration.</summary>
    /// <param name="services">The collection.</param>
    /// <param name="section">The section, whose keys are the names of the properties of <see cref="LlamaRouterOptions"/> that are to be set.</param>
    /// <returns>The same collection.</returns>
    public static IServiceCollection AddLlamaRouter(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        AddRouter(services).Bind(section);
        return services;
    }

    private static OptionsBuilder<LlamaRouterOptions> AddRouter(IServiceCollection services)
    {
        services.TryAddSingleton<LlamaMetrics>();
        services.TryAddSingleton<ILlamaModelStore>(_ => new LlamaModelStore());
        services.TryAddSingleton(provider => new LlamaRouter(provider));
        services.TryAddSingleton(provider => new RouterWarmUp(provider));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RouterWarmUp>(provider => provider.GetRequiredService<RouterWarmUp>()));
        return services.AddOptionsWithValidateOnStart<LlamaRouterOptions, LlamaRouterOptionsValidator>();
    }

    private static LlamaBuilder Add(IServiceCollection services, string name, Action<LlamaOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        AddOptions(services, name).Configure(configure);
        return AddModel(services, name);
    }

    private static LlamaBuilder Add(IServiceCollection services, string name, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        AddOptions(services, name).Bind(section);
        return AddModel(services, name);
    }

    private static OptionsBuilder<LlamaOptions> AddOptions(IServiceCollection services, string name) =>
        services.AddOptionsWithValidateOnStart<LlamaOptions, LlamaOptionsValidator>(name);

    private static LlamaBuilder AddModel(IServiceCollection services, string name)
    {
        services.TryAddSingleton<LlamaMetrics>();
        services.TryAddSingleton<ILlamaModelStore>(_ => new LlamaModelStore());
        services.TryAddKeyedSingleton<ModelStatus>(name);
        services.TryAddKeyedSingleton(name, (provider, _) => ModelAdapters.Load(provider, name));
        ModelRegistrations.Of(services).TryAdd(name);
        if (name.Length == 0)
        {
            services.TryAddKeyedSingleton(name, (provider, _) => provider.GetRequiredService<ILlamaModel>());
        }

        return new LlamaBuilder(name, services);
    }
}
