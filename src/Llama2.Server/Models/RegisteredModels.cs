using Llama2.Extensions.Loading;
using Llama2.Extensions.Telemetry;
using Llama2.Server.Errors;
using Llama2.Server.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Models;

/// <summary>The models that the application registered with <c>AddLlama</c>.</summary>
internal sealed class RegisteredModels : IModelCatalog
{
    private readonly RegisteredModel[] _models;

    /// <param name="services">The application's services.</param>
    /// <exception cref="InvalidOperationException">No model is registered.</exception>
    public RegisteredModels(IServiceProvider services)
    {
        _models = [.. (services.GetService<ModelRegistrations>()?.Names ?? []).Select(key => new RegisteredModel(services, key))];
        if (_models.Length == 0)
            throw new InvalidOperationException("MapLlama() serves the models of the application, which has none: register one with services.AddLlama(…).");
        long created = (services.GetService<TimeProvider>() ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds();
        Entries = [.. _models.Select(model => new ModelEntry(model.Id, created))];
    }

    public IReadOnlyList<ModelEntry> Entries { get; }

    public ModelReadiness Readiness => _models.Max(model => model.Readiness);

    public async Task<ModelLease> RentAsync(string? name, CancellationToken cancellationToken)
    {
        RegisteredModel? found = name is null
            ? Array.Find(_models, model => model.IsDefault || _models.Length == 1)
                ?? throw RequestException.Invalid(
                    "model",
                    $"The request names no model, and this server has {string.Join(", ", _models.Select(model => model.Id))}; name one of them.",
                    "missing_required_parameter")
            : Array.Find(_models, model => model.IsCalled(name));
        if (found is not null)
            return new ModelLease(await found.GetAsync().WaitAsync(cancellationToken).ConfigureAwait(false));

        // The name that the model's file states is known only when the model is loaded. If there are several models, several files of one model may
        // have that name, so it does not choose one of them.
        if (_models is [var only])
        {
            ServedModel served = await only.GetAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (ModelNames.All(null, served.Model).Contains(name, StringComparer.OrdinalIgnoreCase))
                return new ModelLease(served);
        }

        throw RequestException.NoModel(name!);
    }
}
