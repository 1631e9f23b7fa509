using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Loading;

/// <summary>Loads a model in the background. It is a keyed service, and its key is the model's name. Thread-safe.</summary>
internal sealed class BackgroundLoad(IServiceProvider services, string name)
{
    private readonly ModelStatus _status = services.GetRequiredKeyedService<ModelStatus>(name);
    private int _isRunning;

    /// <summary>
    /// Starts loading the model, unless it is already being loaded, and returns at once. A failure is logged and stored in the model's status.
    /// </summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _isRunning, 1) == 0)
            _ = Task.Run(Load);
    }

    private void Load()
    {
        try
        {
            ModelLoader.Resolve(services, name);
        }
#pragma warning disable CA1031 // No caller waits for this method, so the exception is stored in the status; the next start tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // The status was resolved by the constructor, because a host that stops ends the loading and may by now have disposed its services.
            _status.SetFault(exception);
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }
}
