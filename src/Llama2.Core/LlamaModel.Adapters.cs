using Llama2.Adapters;
using Llama2.Tensors;

namespace Llama2;

/// <content>Adapters.</content>
public sealed partial class LlamaModel
{
    /// <inheritdoc/>
    public LlamaAdapter LoadAdapter(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var file = AdapterFile.Open(path);
        AdapterWeights weights = new AdapterLoader(file, Configuration, _weights, _tier, cancellationToken).Load();
        return new LlamaAdapter(path, file.Name, file.Pairs.Max(pair => pair.Rank), weights);
    }

    /// <summary>Computes the logits of every token of a sequence with adapters; all else is as without.</summary>
    /// <param name="tokens">1 to <see cref="ContextLength"/> ids of the vocabulary, taken as they are; copied.</param>
    /// <param name="adapters">As for <see cref="GenerationOptions.Adapters"/>.</param>
    /// <param name="cancellationToken">Ends the computation within a layer's time.</param>
    /// <returns>[tokens, <see cref="ModelConfiguration.VocabularySize"/>], row after row.</returns>
    /// <exception cref="ArgumentException">An adapter was loaded for another model. Further exceptions as for <see cref="ILlamaModel.ComputeLogitsAsync"/>.</exception>
    public Task<float[]> ComputeLogitsAsync(ReadOnlyMemory<int> tokens, IReadOnlyList<LlamaAdapterUse> adapters, CancellationToken cancellationToken = default)
        => ComputeLogitsAsync(tokens, SelectAdapters(LlamaAdapterUse.Check(adapters, nameof(adapters))), cancellationToken);

    private AdapterSet SelectAdapters(IReadOnlyList<LlamaAdapterUse> uses)
    {
        foreach (LlamaAdapterUse use in uses)
        {
            if (use.Adapter.Weights.Model != _weights)
            {
                throw new ArgumentException($"The adapter '{use.Adapter.Path}' was loaded for another model: load it with this one's {nameof(LoadAdapter)}.", nameof(uses));
            }
        }

        return uses.Count == 0 ? AdapterSet.None : new AdapterSet(uses.Select(use => new AdapterUse(use.Adapter.Weights, use.Scale)));
    }
}
