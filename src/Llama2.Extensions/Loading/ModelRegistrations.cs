using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Loading;

/// <summary>
/// Determines which registered models are loaded from a file: the models of <c>AddLlama</c> that no other registration replaces. A test, for example,
/// may register a model of its own.
/// </summary>
/// <param name="services">The service collection. Registrations may be added to it until the container is built.</param>
internal sealed class ModelRegistrations(IServiceCollection services)
{
    private readonly HashSet<ServiceDescriptor> _loading = [];
    private readonly List<string> _names = [];

    /// <summary>The names of the registered models in the order of their registration; the name of the default model is empty.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Finds the registrations of a service collection.</summary>
    public static ModelRegistrations Of(IServiceCollection services)
    {
        var registrations = (ModelRegistrations?)services.FirstOrDefault(service => service.ServiceType == typeof(ModelRegistrations))?.ImplementationInstance;
        if (registrations is null)
        {
            registrations = new ModelRegistrations(services);
            services.Add(ServiceDescriptor.Singleton(registrations));
        }

        return registrations;
    }

    /// <summary>Registers a model that is loaded from a file, unless a model with that name is already registered.</summary>
    public void TryAdd(string name)
    {
        if (!_names.Contains(name))
            _names.Add(name);
        if (Find(name) is null)
        {
            ServiceDescriptor model = name.Length == 0
                ? ServiceDescriptor.Singleton(provider => ModelLoader.Load(provider, name))
                : ServiceDescriptor.KeyedSingleton(name, (provider, _) => ModelLoader.Load(provider, name));
            _loading.Add(model);
            services.Add(model);
        }
    }

    /// <summary>Whether the model with a given name is loaded from the file that its options name.</summary>
    public bool IsLoaded(string name) => Find(name) is { } model && _loading.Contains(model);

    // If there are several registrations, the container resolves the last one. The registration of the default model has no key.
    private ServiceDescriptor? Find(string name) =>
        services.LastOrDefault(service => service.ServiceType == typeof(ILlamaModel) && (name.Length == 0 ? !service.IsKeyedService : name.Equals(service.ServiceKey)));
}
