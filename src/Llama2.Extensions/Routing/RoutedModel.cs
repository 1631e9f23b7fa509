namespace Llama2.Extensions.Routing;

/// <summary>A model of a router, loaded or not. Its state is protected by the router's lock.</summary>
/// <param name="name">The model's name.</param>
/// <param name="options">The model's options.</param>
internal sealed class RoutedModel(string name, LlamaOptions options)
{
    public string Name => name;

    public LlamaOptions Options => options;

    /// <summary>The model's further names; complete when the router has been created.</summary>
    public List<string> Aliases { get; } = [];

    /// <summary>The loaded model; null if it is not loaded.</summary>
    public LoadedModel? Loaded { get; set; }

    /// <summary>The load under way, for which all requests for the model wait; null if there is none.</summary>
    public Task? Loading { get; set; }

    /// <summary>The number of leases.</summary>
    public int ActiveCount { get; set; }

    /// <summary>The number of requests that wait for the load under way. The model is kept for them when it is loaded.</summary>
    public int WaitingCount { get; set; }

    /// <summary>Whether another model needs this model's memory: it gets no further leases, and is unloaded when its last lease ends.</summary>
    public bool IsDraining { get; set; }

    /// <summary>When the model was last used, as a timestamp of the clock.</summary>
    public long LastUse { get; set; }

    /// <summary>Whether a request may use the loaded model now.</summary>
    public bool IsOpen => Loaded is not null && !IsDraining;

    /// <summary>Whether the model is loaded and nobody uses it.</summary>
    public bool IsIdle => Loaded is not null && ActiveCount == 0 && (IsDraining || WaitingCount == 0);
}
