using Llama2.Adapters;
using Llama2.Tensors;

namespace Llama2;

// The members for adapters.
public sealed partial class LlamaModel
{
    /// <inheritdoc/>
    public LlamaAdapter LoadAdapter(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        using var file = AdapterFile.Open(path);
        AdapterWeights weights = new AdapterLoader(file, Configuration, _weights, _tier, cancellationToken).Load();
        return new LlamaAdapter(path, file, file.IsTrainedOnOther(_fingerprint), weights);
    }

    private AdapterSet SelectAdapters(IReadOnlyList<LlamaAdapterUse> uses)
    {
        foreach (LlamaAdapterUse use in uses)
        {
            if (use.Adapter.Weights.Model != _weights)
            {
                throw new ArgumentException($"The adapter '{use.Adapter.Path}' was loaded for another model: load it with this model's {nameof(LoadAdapter)}.", nameof(uses));
            }
        }

        return uses.Count == 0 ? AdapterSet.None : new AdapterSet(uses.Select(use => new AdapterUse(use.Adapter.Weights, use.Scale)));
    }
}
