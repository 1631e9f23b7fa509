using Llama2.Extensions.Loading;
using Microsoft.Extensions.DependencyInjection;
using static System.FormattableString;

namespace Llama2.Extensions.Routing;

/// <summary>Plans how much memory a model of a router gets, and loads the model.</summary>
internal sealed class RoutedModelLoader(IServiceProvider services, LlamaRouterOptions options)
{
    // Adapters are often stored as F16, and are in memory as F32.
    private const int AdapterGrowth = 2;

    /// <summary>Decides how much memory a model gets for keys and values.</summary>
    /// <param name="model">The model.</param>
    /// <param name="budget">The memory of all models together, in bytes.</param>
    /// <exception cref="LlamaMemoryException">The model does not fit into the budget even if no other model is loaded.</exception>
    public LoadPlan Plan(RoutedModel model, long budget)
    {
        try
        {
            return Measure(model, budget);
        }
        catch (Exception exception)
        {
            // The answers to requests do not state the reason for the failure, because it may contain paths. Therefore the reason is logged here.
            ModelLoader.ReportFailure(services, model.Options, exception);
            throw;
        }
    }

    /// <summary>Loads a model and its adapters; blocks the thread for as long as that takes.</summary>
    public LoadedModel Load(RoutedModel routed, LoadPlan plan, CancellationToken cancellationToken)
    {
        LlamaModel model = ModelLoader.LoadFile(services, routed.Name, routed.Options, plan.Options, cancellationToken);
        try
        {
            ModelAdapters adapters = ModelAdapters.Load(services, routed.Options, model, cancellationToken);
            return new LoadedModel(services, routed.Name, routed.Options, model, adapters, plan.ByteSize);
        }
        catch
        {
            services.GetRequiredService<Telemetry.LlamaMetrics>().RecordUnload(Telemetry.ModelNames.All(routed.Name, model)[0], model);
            model.Dispose();
            throw;
        }
    }

    private LoadPlan Measure(RoutedModel model, long budget)
    {
        LlamaModelOptions loading = model.Options.ToModelOptions();
        if (loading.ThreadCount is null)
            loading = loading with { Runtime = services.GetService<LlamaRuntime>() };
        if (loading.DraftModel is { } draft)
            loading = loading with { DraftModel = ModelFile.Require(draft, services).Path };
        LlamaMemoryEstimate estimate = LlamaModel.EstimateMemory(ModelFile.Require(model.Options.ModelPath, services).Path, loading);
        long adapters = AdapterGrowth * model.Options.Adapters.Values.Sum(adapter => ModelFile.Require(adapter.Path, services).ByteSize);
        long own = estimate.WeightByteSize + estimate.ActivationByteSize + estimate.DraftModelByteSize + adapters;
        long cache = loading.KeyValueCacheByteSize
            ?? Math.Max(LeastCacheByteSize, estimate.ContextByteSize * Math.Clamp((budget - own) / estimate.ContextByteSize, 1, options.ContextCount));
        if (own + cache > budget)
        {
            throw new LlamaMemoryException(
                Invariant($"The model '{model.Name}' needs {Text(own + cache, up: true)}: {Text(own, up: true)} for its weights, buffers and adapters, and {Text(cache, up: true)} for keys and values; ")
                    + Invariant($"all models together may take {Text(budget, up: false)}. Raise that memory ({nameof(LlamaRouterOptions)}.{nameof(LlamaRouterOptions.MemoryByteSize)}, --memory), ")
                    + Invariant($"or use a shorter context ({nameof(LlamaOptions)}.{nameof(LlamaOptions.ContextLength)}, --context), a smaller type of keys and values, or a model with fewer bits."),
                own + cache,
                budget);
        }

        return new LoadPlan(loading with { KeyValueCacheByteSize = cache }, own + cache);
    }

    // The smallest limit that a model accepts for its keys and values.
    private const long LeastCacheByteSize = 1 << 20;

    // The size that is needed is rounded up and the size that is available is rounded down, so that the two figures are never the same.
    private static string Text(long byteSize, bool up)
    {
        double tenths = byteSize / (double)(1 << 20) * 10;
        return Invariant($"{(up ? Math.Ceiling(tenths) : Math.Floor(tenths)) / 10:N1} MiB");
    }
}
