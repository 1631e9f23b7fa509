using Llama2.Extensions;
using Llama2.Extensions.Routing;
using Llama2.Extensions.Telemetry;
using Llama2.Server.Errors;
using Llama2.Server.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Models;

/// <summary>The models of the router that the application registered with <c>AddLlamaRouter</c>.</summary>
internal sealed class RoutedModels : IModelCatalog
{
    private readonly LlamaRouter _router;
    private readonly LlamaMetrics _metrics;
    private readonly RouterWarmUp _warmUp;

    /// <param name="router">The router.</param>
    /// <param name="services">The application's services.</param>
    public RoutedModels(LlamaRouter router, IServiceProvider services)
    {
        _router = router;
        _metrics = services.GetRequiredService<LlamaMetrics>();
        _warmUp = services.GetRequiredService<RouterWarmUp>();
        long created = (services.GetService<TimeProvider>() ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds();
        Entries = [.. router.Models
            .SelectMany(model => (string[])[model.Name, .. model.Adapters.Select(adapter => $"{model.Name}:{adapter}"), .. model.Aliases])
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name => new ModelEntry(name, created))];
    }

    public IReadOnlyList<ModelEntry> Entries { get; }

    // Models are loaded on demand, so the server is ready without those that are not loaded at the start.
    public ModelReadiness Readiness =>
        _warmUp.Fault is not null ? ModelReadiness.Failed
        : _warmUp.IsDone ? ModelReadiness.Ready
        : ModelReadiness.Loading;

    public async Task<ModelLease> RentAsync(string? name, CancellationToken cancellationToken)
    {
        LlamaModelLease lease = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        return new ModelLease(new ServedModel(lease.Name, lease.Model, () => lease.Client, _metrics) { Adapters = lease.Adapters }, lease);
    }

    private async Task<LlamaModelLease> FindAsync(string? name, CancellationToken cancellationToken)
    {
        try
        {
            return await _router.RentAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (LlamaModelNotFoundException) when (name is not null)
        {
            throw RequestException.NoModel(name);
        }
        catch (LlamaModelNotFoundException exception)
        {
            throw RequestException.Invalid("model", exception.Message, "missing_required_parameter");
        }
        catch (Exception exception) when (exception
            is LlamaException and not (LlamaBusyException or LlamaMemoryException) or IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Exceptions that a model's files and settings cause. All others are faults of the program, or have their own answers.
            throw new ModelUnavailableException(name ?? _router.Models[0].Name, exception);
        }
    }
}
