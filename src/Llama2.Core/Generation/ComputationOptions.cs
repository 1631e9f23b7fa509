using System.Text;

namespace Llama2;

/// <summary>
/// How a model computes logits, log-probabilities and embeddings. Immutable and thread-safe; every property is checked when it is set.
/// </summary>
public record ComputationOptions
{
    /// <summary>The adapters to run the model with; see <see cref="GenerationOptions.Adapters"/>. Default empty. Copied when set.</summary>
    public IReadOnlyList<LlamaAdapterUse> Adapters
    {
        get;
        init => field = LlamaAdapterUse.Check(value, nameof(Adapters));
    } = [];

    /// <summary>
    /// The scope in which keys and values are shared; see <see cref="GenerationOptions.PrefixScope"/>. Default null: the model's own scope.
    /// </summary>
    public string? PrefixScope
    {
        get;
        init => field = GenerationOptions.CheckPrefixScope(value, nameof(PrefixScope));
    }

    /// <summary>The values of the properties, without <see cref="PrefixScope"/>, which may name a user.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder(GetType().Name).Append(" { ");
        (this with { PrefixScope = null }).PrintMembers(text);
        return text.Append(" }").ToString();
    }
}
