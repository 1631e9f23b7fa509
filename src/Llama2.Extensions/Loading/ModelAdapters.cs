using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Loading;

/// <summary>The loaded adapters that a model's options name. The container disposes them before the model.</summary>
internal sealed partial class ModelAdapters : IDisposable
{
    private readonly Dictionary<string, LlamaAdapterUse> _uses = new(StringComparer.OrdinalIgnoreCase);

    private ModelAdapters()
    {
    }

    /// <summary>The adapters by name, each with the scale from the options.</summary>
    public IReadOnlyDictionary<string, LlamaAdapterUse> Uses => _uses;

    /// <summary>Loads the adapters of a registered model. The container calls this once, like <see cref="ModelLoader.Load"/>.</summary>
    public static ModelAdapters Load(IServiceProvider services, string name)
    {
        LlamaOptions options = services.GetRequiredService<IOptionsMonitor<LlamaOptions>>().Get(name);
        var model = services.GetRequiredKeyedService<ILlamaModel>(name);
        CancellationToken stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        try
        {
            return Load(services, options, model, stopping);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            services.GetRequiredKeyedService<ModelStatus>(name).SetFault(exception);
            throw;
        }
    }

    /// <summary>Loads the adapters that a model's options name. If an adapter cannot be loaded, the others are disposed.</summary>
    public static ModelAdapters Load(IServiceProvider services, LlamaOptions options, ILlamaModel model, CancellationToken cancellationToken)
    {
        var adapters = new ModelAdapters();
        try
        {
            foreach ((string adapterName, LlamaAdapterOptions adapter) in options.Adapters)
                adapters._uses.Add(adapterName, new LlamaAdapterUse(Load(services, adapterName, adapter, model, cancellationToken), adapter.Scale));
            return adapters;
        }
        catch
        {
            adapters.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (LlamaAdapterUse use in _uses.Values)
            use.Adapter.Dispose();
    }

    private static LlamaAdapter Load(IServiceProvider services, string name, LlamaAdapterOptions options, ILlamaModel model, CancellationToken cancellationToken)
    {
        ILogger logger = ModelLoader.CreateLogger(services);
        try
        {
            ModelFile file = ModelFile.Find(options.Path, services)
                ?? throw new FileNotFoundException($"The adapter '{options.Path}' does not exist any more.", options.Path);
            LlamaAdapter adapter = model.LoadAdapter(file.Path, cancellationToken);
            file.MarkUsed(services);
            LogLoaded(logger, name, options.Path, adapter.ByteSize);
            if (adapter.IsTrainedOnOtherModel)
            {
                LogOtherModel(logger, name, options.Path);
            }

            return adapter;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, ModelLoader.Unexplained(exception), name, options.Path, exception.Message);
            throw;
        }
    }

    [LoggerMessage(5, LogLevel.Information, "Loaded adapter '{Name}' from '{Path}', {ByteSize} bytes")]
    private static partial void LogLoaded(ILogger logger, string name, string path, long byteSize);

    [LoggerMessage(13, LogLevel.Warning, "Adapter '{Name}' from '{Path}' was trained with another model than the one for which it was loaded")]
    private static partial void LogOtherModel(ILogger logger, string name, string path);

    [LoggerMessage(6, LogLevel.Error, "Adapter '{Name}' could not be loaded from '{Path}': {Reason}")]
    private static partial void LogFailed(ILogger logger, Exception? exception, string name, string path, string reason);
}
