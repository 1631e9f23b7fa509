using Llama2.Extensions.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Llama2.Extensions.Loading;

/// <summary>Loads a model and generates one token with it, in the background while the host starts.</summary>
internal sealed partial class ModelWarmUp(IServiceProvider services, string name) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var status = services.GetRequiredKeyedService<ModelStatus>(name);
        try
        {
            ILlamaModel model = ModelLoader.Resolve(services, name);
            GenerationResult result = await model.GenerateTextAsync("Hello", new GenerationOptions { MaxTokens = 1 }, stoppingToken).ConfigureAwait(false);
            status.SetWarm();
            LogWarm(ModelLoader.CreateLogger(services), ModelNames.All(name, model)[0], result.Usage.TimeToFirstToken.TotalSeconds);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            status.SetFault(exception);
            throw;
        }
    }

    [LoggerMessage(4, LogLevel.Information, "Warmed up model '{Name}': first token after {Seconds:F3} seconds")]
    private static partial void LogWarm(ILogger logger, string name, double seconds);
}
