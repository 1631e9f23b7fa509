namespace Llama2.Tensors;

/// <summary>The adapters of a sequence. Sets with the same adapters and scales are equal, because they give the same keys and values.</summary>
internal sealed class AdapterSet : IEquatable<AdapterSet>
{
    private readonly AdapterUse[] _uses;
    private readonly Dictionary<float[], float[]>? _norms;

    /// <param name="uses">The adapters in any order; those with scale 0 have no effect and are omitted.</param>
    public AdapterSet(IEnumerable<AdapterUse> uses)
        : this([.. uses.Where(use => use.Scale != 0).OrderBy(use => use.Weights)])
    {
        foreach (float[] own in _uses.SelectMany(use => use.Weights.Norms.Keys).Distinct())
        {
            (_norms ??= new(ReferenceEqualityComparer.Instance)).Add(own, Combine(own));
        }
    }

    private AdapterSet(AdapterUse[] uses) => _uses = uses;

    /// <summary>No adapter.</summary>
    // Created without LINQ, because this code is JIT-compiled whenever a model is loaded.
    public static AdapterSet None { get; } = new((AdapterUse[])[]);

    /// <summary>The adapters, in the order in which their changes are added.</summary>
    public ReadOnlySpan<AdapterUse> Uses => _uses;

    /// <summary>Adds the adapters' changes to a token's embedding.</summary>
    public void AddEmbedding(int token, Span<float> embedding)
    {
        foreach (AdapterUse use in _uses)
        {
            use.Weights.TokenEmbedding?.AddTo(embedding, token, use.Scale);
        }
    }

    /// <summary>The weights that take the place of those of a norm of the model; these weights themselves if no adapter changes the norm.</summary>
    public float[] Norm(float[] own) => _norms is not null && _norms.TryGetValue(own, out float[]? norm) ? norm : own;

    /// <summary>Keeps the adapters' memory until <see cref="Release()"/>.</summary>
    /// <exception cref="ObjectDisposedException">An adapter is disposed; then no adapter's memory is kept.</exception>
    public void Acquire()
    {
        for (int i = 0; i < _uses.Length; i++)
        {
            if (!_uses[i].Weights.TryAcquire())
            {
                Release(i);
                throw new ObjectDisposedException(nameof(LlamaAdapter), "An adapter of this generation was disposed.");
            }
        }
    }

    public void Release() => Release(_uses.Length);

    public bool Equals(AdapterSet? other) => ReferenceEquals(this, other) || other is not null && Uses.SequenceEqual(other.Uses);

    public override bool Equals(object? obj) => Equals(obj as AdapterSet);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (AdapterUse use in _uses)
        {
            hash.Add(use);
        }

        return hash.ToHashCode();
    }

    // The weights of the only adapter at its full strength are shared; those of several adapters are a megabyte in a model of seven billion parameters.
    private float[] Combine(float[] own)
    {
        AdapterUse[] uses = Array.FindAll(_uses, use => use.Weights.Norms.ContainsKey(own));
        if (uses is [{ Scale: 1 } only])
        {
            return only.Weights.Norms[own];
        }

        float[] norm = new float[own.Length];
        for (int i = 0; i < norm.Length; i++)
        {
            double sum = own[i];
            foreach (AdapterUse use in uses)
            {
                sum += use.Scale * ((double)use.Weights.Norms[own][i] - own[i]);
            }

            norm[i] = (float)sum;
        }

        return norm;
    }

    private void Release(int count)
    {
        foreach (AdapterUse use in _uses.AsSpan(0, count))
        {
            use.Weights.Release();
        }
    }
}
