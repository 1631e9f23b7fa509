using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Extensions.Loading;

/// <summary>Loads a model beside whatever asks for it. A keyed service under the model's name. Thread-safe.</summary>
internal sealed class BackgroundLoad(IServiceProvider services, string name)
{
    private readonly ModelStatus _status = services.GetRequiredKeyedService<ModelStatus>(name);
    private int _isRunning;

    /// <summary>Begins to load the model, if it does not do so already; a failure is the model's status, and the log has it. Returns at once.</summary>
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
#pragma warning disable CA1031 // Nobody waits for this; the status has what there is to know, and the next start tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // A host that stops has ended the loading, and may have disposed its services.
            _status.SetFault(exception);
        }
        finally
        {
            Volatile.Write(ref _isRunning, 0);
        }
    }
}
