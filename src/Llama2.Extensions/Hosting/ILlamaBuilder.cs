using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions;

/// <summary>A model that is registered with a service collection, to which further registrations can be added.</summary>
public interface ILlamaBuilder
{
    /// <summary>The model's name, which is the key of its services; empty for the default model.</summary>
    string Name { get; }

    /// <summary>The collection.</summary>
    IServiceCollection Services { get; }
}
