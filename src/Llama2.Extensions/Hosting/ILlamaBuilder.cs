using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions;

/// <summary>Adds services to the service collection with which a model is registered. The added services use this model.</summary>
public interface ILlamaBuilder
{
    /// <summary>The model's name, which is the key of its services; empty for the default model.</summary>
    string Name { get; }

    /// <summary>The service collection.</summary>
    IServiceCollection Services { get; }
}
