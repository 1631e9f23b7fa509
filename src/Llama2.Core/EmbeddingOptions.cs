using System.Text;

namespace Llama2;

/// <summary>How embeddings are made of hidden states. Immutable and thread-safe; every property is checked when it is set.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>How the hidden states of a text's tokens become one vector. Default <see cref="EmbeddingPooling.Mean"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to what is neither.</exception>
    public EmbeddingPooling Pooling
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Pooling), value, "It must be Mean or LastToken.");
    }

    /// <summary>
    /// Whether each vector is divided by its Euclidean length, so that the dot product of two is their cosine similarity. Default true. A
    /// vector of zeros stays one.
    /// </summary>
    public bool Normalize { get; init; } = true;

    /// <summary>The adapters that the model runs with, as for <see cref="GenerationOptions.Adapters"/>. Default empty. Copied when set.</summary>
    public IReadOnlyList<LlamaAdapterUse> Adapters
    {
        get;
        init => field = LlamaAdapterUse.Check(value, nameof(Adapters));
    } = [];

    /// <summary>
    /// The scope in which the keys and values of the texts are shared, as for <see cref="GenerationOptions.PrefixScope"/>. Default null, the
    /// model's own scope.
    /// </summary>
    public string? PrefixScope
    {
        get;
        init => field = GenerationOptions.CheckPrefixScope(value, nameof(PrefixScope));
    }

    /// <summary>The values of the properties, without <see cref="PrefixScope"/>, which may name a user.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(nameof(EmbeddingOptions)).Append(" { ");
        (this with { PrefixScope = null }).PrintMembers(text);
        return text.Append(" }").ToString();
    }
}
