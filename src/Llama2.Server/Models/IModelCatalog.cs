using Llama2.Server.Errors;
using Llama2.Server.Protocol;

namespace Llama2.Server.Models;

/// <summary>The models that a server has. Thread-safe.</summary>
internal interface IModelCatalog
{
    /// <summary>The models, whether or not they are loaded.</summary>
    IReadOnlyList<ModelEntry> Entries { get; }

    /// <summary>Whether all models that should be loaded are loaded; if not, why.</summary>
    ModelReadiness Readiness { get; }

    /// <summary>Finds a model by the name that a request states, loads it if it is not loaded, and keeps it loaded until the lease is disposed.</summary>
    /// <param name="name">The name; null if the request states none.</param>
    /// <param name="cancellationToken">Ends the wait; the model is loaded nevertheless.</param>
    /// <exception cref="RequestException">There is no such model, or the request must state a name.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be loaded.</exception>
    Task<ModelLease> RentAsync(string? name, CancellationToken cancellationToken);
}
