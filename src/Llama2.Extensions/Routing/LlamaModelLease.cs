using Llama2.Extensions.Routing;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions;

/// <summary>
/// A loaded model of a <see cref="LlamaRouter"/>. The model is not unloaded until the lease is disposed. Dispose the lease as soon as the answer is complete;
/// it
/// may be disposed several times. Thread-safe.
/// </summary>
public sealed class LlamaModelLease : IDisposable
{
    private readonly LoadedModel _loaded;
    private readonly string? _adapter;
    private Action? _return;

    internal LlamaModelLease(string name, string? adapter, LoadedModel loaded, Action giveBack)
    {
        Name = name;
        _adapter = adapter;
        _loaded = loaded;
        _return = giveBack;
    }

    /// <summary>
    /// The model's name, which is its key in <see cref="LlamaRouterOptions.Models"/>; the adapter's name follows if the request chose an adapter.
    /// </summary>
    public string Name { get; }

    /// <summary>The model. To use the adapters of the lease, pass <see cref="Adapters"/> to the calls of the model.</summary>
    public ILlamaModel Model => _loaded.Model;

    /// <summary>The adapter that the request chose, or the adapters of the model's options whose scale is not 0.</summary>
    public IReadOnlyList<LlamaAdapterUse> Adapters => _loaded.AdaptersOf(_adapter);

    /// <summary>A chat client of the model with <see cref="Adapters"/>. Do not use it after the lease is disposed.</summary>
    /// <exception cref="PromptFormatException">The model's prompt format is not known.</exception>
    /// <exception cref="PromptTemplateException">The model's chat template is malformed or uses an unknown feature.</exception>
    public IChatClient ChatClient => Client;

    /// <summary>An embedding generator of the model with <see cref="Adapters"/>. Do not use it after the lease is disposed.</summary>
    public IEmbeddingGenerator<string, Embedding<float>> EmbeddingGenerator => _loaded.EmbeddingGeneratorOf(_adapter);

    internal LlamaChatClient Client => _loaded.ClientOf(_adapter);

    /// <summary>Allows the model to be unloaded when nobody else uses it.</summary>
    public void Dispose() => Interlocked.Exchange(ref _return, null)?.Invoke();
}
