using Llama2.Extensions;
using Llama2.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Llama2.ServerLoad;

/// <summary>A server with one model on a free port of the loopback address, in this process.</summary>
internal sealed class LoadServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private LoadServer(WebApplication application)
    {
        _application = application;
        Model = application.Services.GetRequiredService<ILlamaModel>();
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()), Timeout = Timeout.InfiniteTimeSpan };
    }

    public ILlamaModel Model { get; }

    public HttpClient Client { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="configure">Sets the path and the options of the model.</param>
    /// <param name="options">The options of the endpoints; null for the defaults.</param>
    public static async Task<LoadServer> StartAsync(Action<LlamaOptions> configure, LlamaServerOptions? options = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddLlama(configure);
        WebApplication application = builder.Build();
        application.MapLlama(options);
        await application.StartAsync();
        return new LoadServer(application);
    }

    /// <summary>The number of calls that the model computes or that wait for it, after the model has had time to drop those whose clients left.</summary>
    public async Task<int> CountStuckAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (Model.Statistics is { RunningCount: > 0 } or { WaitingCount: > 0 })
                await timer.WaitForNextTickAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // The calls that are still there are stuck.
        }

        LlamaModelStatistics statistics = Model.Statistics;
        return statistics.RunningCount + statistics.WaitingCount;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }
}
