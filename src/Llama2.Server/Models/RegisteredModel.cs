using Llama2.Extensions;
using Llama2.Extensions.Loading;
using Llama2.Extensions.Telemetry;
using Llama2.Server.Errors;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Llama2.Server.Models;

/// <summary>A model that the application registered with <c>AddLlama</c>. It is loaded by the first request for it. Thread-safe.</summary>
internal sealed class RegisteredModel
{
    private readonly Lock _gate = new();
    private readonly IServiceProvider _services;
    private readonly string _key;
    private readonly string[] _names;
    private Task<ServedModel>? _loading;

    /// <param name="services">The application's services.</param>
    /// <param name="key">The name with which the model was registered; empty for the default model.</param>
    public RegisteredModel(IServiceProvider services, string key)
    {
        _services = services;
        _key = key;
        string path = services.GetRequiredService<IOptionsMonitor<LlamaOptions>>().Get(key).ModelPath;
        _names = [.. new[] { key, Path.GetFileNameWithoutExtension(path), Path.GetFileName(path) }.Where(name => name.Length > 0)];
    }

    /// <summary>The name in answers: the registered name, else the file's name.</summary>
    public string Id => _names.Length > 0 ? _names[0] : LlamaTelemetry.ProviderName;

    /// <summary>Whether the model was registered without a name, so that requests without a name choose it.</summary>
    public bool IsDefault => _key.Length == 0;

    public ModelReadiness Readiness
    {
        get
        {
            var status = _services.GetRequiredKeyedService<ModelStatus>(_key);
            return status.Fault is not null ? ModelReadiness.Failed
                : !status.IsWarm && _services.GetKeyedService<WarmUpRequest>(_key) is not null ? ModelReadiness.Loading
                : ModelReadiness.Ready;
        }
    }

    /// <summary>Whether a name is the registered name, or that of the model's file with or without its extension.</summary>
    public bool IsCalled(string name) => _names.Append(Id).Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The loaded model. All requests that come while it is loaded wait for one task; after a failure, the next request tries again.</summary>
    /// <exception cref="ModelUnavailableException">The model cannot be loaded.</exception>
    public Task<ServedModel> GetAsync()
    {
        lock (_gate)
        {
            // Loading takes seconds of processor time and blocks its thread, so the request's own thread does not do it.
            if (_loading is null or { IsFaulted: true } or { IsCanceled: true })
                _loading = Task.Run(Load);
            return _loading;
        }
    }

    private ServedModel Load()
    {
        try
        {
            ILlamaModel model = ModelLoader.Resolve(_services, _key);
            var metrics = _services.GetRequiredService<LlamaMetrics>();
            metrics.Rename(model, Id);
            return new ServedModel(Id, model, () => LlamaBuilderExtensions.CreateChatClient(_services, _key, Id), metrics)
            {
                Adapters = [.. _services.GetRequiredKeyedService<ModelAdapters>(_key).Uses.Values.Where(use => use.Scale != 0)],
            };
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ObjectDisposedException))
        {
            throw new ModelUnavailableException(Id, exception);
        }
    }
}
