using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Routing;

/// <summary>
/// While the host starts, loads the models of <see cref="LlamaRouterOptions.LoadOnStart"/> in the background, and generates one token with each.
/// Thread-safe.
/// </summary>
internal sealed class RouterWarmUp(IServiceProvider services) : BackgroundService
{
    private volatile bool _isDone;
    private volatile Exception? _fault;

    /// <summary>Whether all these models have been loaded and warmed up; also true if there are none.</summary>
    public bool IsDone => _isDone || Names.Count == 0;

    /// <summary>The exception because of which a model could not be loaded or warmed up; null if none failed.</summary>
    public Exception? Fault => _fault;

    private IList<string> Names => services.GetRequiredService<IOptions<LlamaRouterOptions>>().Value.LoadOnStart;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Names.Count == 0)
            return;
        try
        {
            var router = services.GetRequiredService<LlamaRouter>();
            foreach (string name in Names)
            {
                using LlamaModelLease lease = await router.RentAsync(name, stoppingToken).ConfigureAwait(false);
                await lease.Model.GenerateTextAsync("Hello", new GenerationOptions { MaxTokens = 1 }, stoppingToken).ConfigureAwait(false);
            }

            _isDone = true;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            _fault = exception;
            throw;
        }
    }
}
