using Llama2.Extensions.Loading;
using Llama2.Extensions.Routing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions;

/// <summary>
/// Several models that share a budget of memory. A model is loaded by the first request for it. If there is no room for it, the least recently used
/// models that are not answering are unloaded; if that is not enough, the request waits until others have answered. Thread-safe. <c>AddLlamaRouter</c>
/// registers it as a singleton, which the container disposes.
/// </summary>
public sealed class LlamaRouter : IDisposable
{
    private const double DefaultShare = 0.8;
    private readonly Lock _gate = new();
    // One model is loaded at a time: loading uses all cores, and the order in which requests came decides which model gets the memory.
    private readonly SemaphoreSlim _loads = new(1, 1);
    private readonly CancellationTokenSource _ending;
    private readonly CancellationToken _stopping;
    private readonly LlamaRouterOptions _options;
    private readonly RoutedModelLoader _loader;
    private readonly RouteTable _routes;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ITimer _idleTimer;
    private TaskCompletionSource _released = NewSignal();
    private long _usedByteSize;
    private int _unloadingCount;
    private bool _isDisposed;

    internal LlamaRouter(IServiceProvider services)
    {
        _options = services.GetRequiredService<IOptions<LlamaRouterOptions>>().Value;
        _loader = new RoutedModelLoader(services, _options);
        _routes = new RouteTable(_options);
        _clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _logger = ModelLoader.CreateLogger(services);
        MemoryByteSize = _options.MemoryByteSize ?? (long)(DefaultShare * LlamaHardware.MemoryByteSize);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None);
        _stopping = _ending.Token;
        _idleTimer = _clock.CreateTimer(_ => UnloadIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The maximum memory of all loaded models together, in bytes.</summary>
    public long MemoryByteSize { get; }

    /// <summary>The memory that is reserved for the loaded models now, in bytes; never more than <see cref="MemoryByteSize"/>.</summary>
    public long UsedByteSize
    {
        get
        {
            lock (_gate)
                return _usedByteSize;
        }
    }

    /// <summary>The models and their state at this moment, in the order of the options.</summary>
    public IReadOnlyList<LlamaRouterModel> Models
    {
        get
        {
            lock (_gate)
            {
                return [.. _routes.Models.Select(model => new LlamaRouterModel(
                    model.Name, model.Aliases, [.. model.Options.Adapters.Keys], model.Loaded is not null, model.Loaded?.ByteSize ?? 0, model.ActiveCount))];
            }
        }
    }

    /// <summary>Gets a model for use: loads it if it is not loaded, and keeps it loaded until the lease is disposed.</summary>
    /// <param name="name">
    /// The name of a model, <c>model:adapter</c>, an alias, or the name of a model's file with or without its extension; null for the default model.
    /// </param>
    /// <param name="cancellationToken">Ends the wait. If other requests wait for the same load, the load continues.</param>
    /// <exception cref="LlamaModelNotFoundException">There is no such model.</exception>
    /// <exception cref="LlamaMemoryException">The model needs more memory than <see cref="MemoryByteSize"/>, or than the process may still allocate.</exception>
    /// <exception cref="LlamaBusyException">Models that are answering kept the memory for longer than <see cref="LlamaRouterOptions.RoomTimeout"/>.</exception>
    /// <exception cref="LlamaException">The model cannot be loaded.</exception>
    /// <exception cref="IOException">The model's file cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The router is disposed.</exception>
    public async Task<LlamaModelLease> RentAsync(string? name = null, CancellationToken cancellationToken = default)
    {
        ModelRoute route = _routes.Find(name);
        RoutedModel model = route.Target;
        while (true)
        {
            Task loading;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                if (model.IsOpen)
                    return Rent(route);
                loading = model.Loading ??= Task.Run(() => LoadAsync(model), CancellationToken.None);
                model.WaitingCount++;
            }

            try
            {
                await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                lock (_gate)
                {
                    model.WaitingCount--;
                    Signal();
                    // The model may be loaded by now, and be kept for this request only.
                    if (!_isDisposed)
                        PlanIdleUnload();
                }

                throw;
            }

            lock (_gate)
            {
                // The wait ends and the lease begins under one lock, so that the model is not unloaded in between.
                model.WaitingCount--;
                if (model.Loaded is not null)
                    return Rent(route);
            }

            // The load ended without a model: earlier requests gave it up before this request joined them. This request starts another.
        }
    }

    /// <summary>Unloads a model if it is loaded and nobody uses it.</summary>
    /// <param name="name">The name, as for <see cref="RentAsync"/>.</param>
    /// <returns>Whether the model was unloaded; its memory is free then.</returns>
    /// <exception cref="LlamaModelNotFoundException">There is no such model.</exception>
    public bool TryUnload(string name)
    {
        RoutedModel model = _routes.Find(name).Target;
        LoadedModel loaded;
        lock (_gate)
        {
            if (!model.IsIdle)
                return false;
            loaded = TakeOut(model);
        }

        Unload(loaded);
        RouterLog.LogAsked(_logger, loaded.Name);
        return true;
    }

    /// <summary>Creates a chat client that gives each request to the model that <see cref="ChatOptions.ModelId"/> names.</summary>
    public IChatClient AsIChatClient() => new RouterChatClient(this);

    /// <summary>Creates an embedding generator that gives each request to the model that <see cref="EmbeddingGenerationOptions.ModelId"/> names.</summary>
    public IEmbeddingGenerator<string, Embedding<float>> AsIEmbeddingGenerator() => new RouterEmbeddingGenerator(this);

    /// <summary>Unloads all models. Answers under way end with <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        LoadedModel[] loaded;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            loaded = [.. _routes.Models.Where(model => model.Loaded is not null).Select(TakeOut)];
            Signal();
        }

        _ending.Cancel();
        _ending.Dispose();
        _idleTimer.Dispose();
        Array.ForEach(loaded, Unload);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LlamaModelLease Rent(ModelRoute route)
    {
        RoutedModel model = route.Target;
        model.ActiveCount++;
        model.LastUse = _clock.GetTimestamp();
        return new LlamaModelLease(route.Name, route.Adapter, model.Loaded!, () => GiveBack(model));
    }

    private void GiveBack(RoutedModel model)
    {
        lock (_gate)
        {
            model.ActiveCount--;
            model.LastUse = _clock.GetTimestamp();
            Signal();
            if (model.ActiveCount == 0 && !_isDisposed)
                PlanIdleUnload();
        }
    }

    private async Task LoadAsync(RoutedModel model)
    {
        bool hasTurn = false;
        long reserved = 0;
        try
        {
            await _loads.WaitAsync(_stopping).ConfigureAwait(false);
            hasTurn = true;
            if (IsOpen(model))
                return;
            LoadPlan plan = _loader.Plan(model, MemoryByteSize);
            if (!await TryMakeRoomAsync(model, plan.ByteSize).ConfigureAwait(false))
                return;
            reserved = plan.ByteSize;
            Keep(model, _loader.Load(model, plan, _stopping));
            reserved = 0;
        }
        finally
        {
            lock (_gate)
            {
                model.Loading = null;
                _usedByteSize -= reserved;
                foreach (RoutedModel other in _routes.Models)
                    other.IsDraining = false;
                Signal();
            }

            if (hasTurn)
                _loads.Release();
        }
    }

    private bool IsOpen(RoutedModel model)
    {
        lock (_gate)
            return model.IsOpen;
    }

    private void Keep(RoutedModel model, LoadedModel loaded)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                model.Loaded = loaded;
                model.LastUse = _clock.GetTimestamp();
                PlanIdleUnload();
                return;
            }
        }

        loaded.Dispose();
        throw new ObjectDisposedException(nameof(LlamaRouter));
    }

    /// <summary>Unloads models until there is room, and reserves this room.</summary>
    /// <returns>Whether there is room; false if nobody waits for the model any more.</returns>
    private async Task<bool> TryMakeRoomAsync(RoutedModel model, long byteSize)
    {
        long start = _clock.GetTimestamp();
        while (true)
        {
            LoadedModel? victim = null;
            Task released;
            lock (_gate)
            {
                if (_usedByteSize + byteSize <= MemoryByteSize)
                {
                    _usedByteSize += byteSize;
                    return true;
                }

                released = _released.Task;
                if (OldestOf(other => other.IsIdle) is { } idle)
                    victim = TakeOut(idle);
                else if (model.WaitingCount == 0)
                    return false;
                else if (_unloadingCount == 0)
                    Drain(byteSize);
            }

            if (victim is null)
            {
                await WaitForRoomAsync(model, released, start).ConfigureAwait(false);
                continue;
            }

            Unload(victim);
            RouterLog.LogRoom(_logger, victim.Name, model.Name);
        }
    }

    // Marks models to be unloaded when their leases end. Otherwise, another model might never be loaded while requests for loaded models
    // keep coming.
    private void Drain(long byteSize)
    {
        long remaining = _usedByteSize - _routes.Models.Where(other => other.IsDraining).Sum(other => other.Loaded?.ByteSize ?? 0);
        while (remaining + byteSize > MemoryByteSize && OldestOf(other => other.IsOpen) is { } oldest)
        {
            oldest.IsDraining = true;
            remaining -= oldest.Loaded!.ByteSize;
        }
    }

    private async Task WaitForRoomAsync(RoutedModel model, Task released, long start)
    {
        TimeSpan left = _options.RoomTimeout - _clock.GetElapsedTime(start);
        try
        {
            await released.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _clock, _stopping).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            int waitingCount;
            lock (_gate)
                waitingCount = model.WaitingCount;
            throw new LlamaBusyException(
                $"There is no room for the model '{model.Name}' as long as other models are answering; the request waited for {_options.RoomTimeout}. Try again later, or raise the memory of all models ({nameof(LlamaRouterOptions)}.{nameof(LlamaRouterOptions.MemoryByteSize)}, --memory).",
                waitingCount);
        }
    }

    private RoutedModel? OldestOf(Func<RoutedModel, bool> condition) => _routes.Models.Where(condition).MinBy(model => model.LastUse);

    private LoadedModel TakeOut(RoutedModel model)
    {
        LoadedModel loaded = model.Loaded!;
        model.Loaded = null;
        model.IsDraining = false;
        _unloadingCount++;
        return loaded;
    }

    // The memory counts as used until it is really free.
    private void Unload(LoadedModel loaded)
    {
        loaded.Dispose();
        lock (_gate)
        {
            _usedByteSize -= loaded.ByteSize;
            _unloadingCount--;
            Signal();
        }
    }

    private void Signal()
    {
        _released.TrySetResult();
        _released = NewSignal();
    }

    private void UnloadIdle()
    {
        LoadedModel[] idle;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            idle = [.. _routes.Models.Where(model => model.IsIdle && TimeUntilUnload(model) <= TimeSpan.Zero).Select(TakeOut)];
            PlanIdleUnload();
        }

        foreach (LoadedModel loaded in idle)
        {
            Unload(loaded);
            RouterLog.LogIdle(_logger, loaded.Name, _options.IdleTime!.Value);
        }
    }

    private void PlanIdleUnload()
    {
        if (_options.IdleTime is null)
            return;
        TimeSpan[] times = [.. _routes.Models.Where(model => model.IsIdle).Select(TimeUntilUnload)];
        if (times.Length > 0)
            _idleTimer.Change(times.Min() > TimeSpan.Zero ? times.Min() : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan TimeUntilUnload(RoutedModel model) => _options.IdleTime!.Value - _clock.GetElapsedTime(model.LastUse);
}
