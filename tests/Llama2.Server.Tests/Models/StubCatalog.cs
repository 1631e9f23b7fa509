using Llama2.Server.Errors;
using Llama2.Server.Models;
using Llama2.Server.Protocol;

namespace Llama2.Server.Tests.Models;

/// <summary>A server's models, none of which exists.</summary>
internal sealed class StubCatalog(ModelReadiness readiness) : IModelCatalog
{
    public IReadOnlyList<ModelEntry> Entries => [];

    public ModelReadiness Readiness => readiness;

    public Task<ModelLease> RentAsync(string? name, CancellationToken cancellationToken) => throw RequestException.NoModel(name ?? "none");
}
