using Llama2.Extensions.Telemetry;

namespace Llama2.Server.Models;

/// <summary>
/// A model that a request uses: it stays loaded until the lease is disposed. A request disposes its lease once, after the end of its answer.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="end">Ends the use; null if the model stays loaded in any case.</param>
internal sealed class ModelLease(ServedModel model, IDisposable? end = null) : IDisposable
{
    public ServedModel Model { get; } = Record(model);

    public void Dispose() => end?.Dispose();

    private static ServedModel Record(ServedModel model)
    {
        if (RequestUsage.Current is { } usage)
            usage.ModelId = model.Id;
        return model;
    }
}
