using System.Text;
using System.Text.Json.Serialization;
using static System.FormattableString;

namespace Llama2;

/// <summary>
/// How a model computes logits, log-probabilities, embeddings (<see cref="EmbeddingOptions"/>) and text (<see cref="GenerationOptions"/>). Immutable
/// and thread-safe; a <c>with</c> expression creates a changed copy. Every property is checked when it is set.
/// </summary>
public record ComputationOptions
{
    /// <summary>The maximum number of characters in <see cref="PrefixScope"/>.</summary>
    public const int MaxPrefixScopeLength = 256;

    /// <summary>
    /// The adapters to run the model with, each with its strength; the effects of several adapters are added. At most 16 different adapters, all of
    /// which must have been loaded for the model that uses these options. Default empty. Copied when set. A saved chat session records which adapters
    /// it used, and must be restored with the same ones.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<LlamaAdapterUse> Adapters
    {
        get;
        init => field = LlamaAdapterUse.Check(value, nameof(Adapters));
    } = [];

    /// <summary>
    /// The scope of calls that share the keys and values of their prompts and answers. Calls of the same scope reuse each other's keys and values;
    /// <see cref="GenerationUsage.CachedTokenCount"/> is the number of tokens for which a call did so. Calls of other scopes can neither find these
    /// keys and values nor learn that they exist. The name of a scope has 1 to 256 characters, and names are compared exactly. Null (the default) is
    /// the model's own scope, which works like any other; it suits an application whose callers may know each other's prompts. A service should set
    /// a scope for each user, derived from the authenticated identity and never from the content of a request. The name is never written to a log,
    /// to <see cref="ToString"/> or to a saved chat session.
    /// </summary>
    /// <remarks>
    /// All scopes share the keys and values of the tokens that <see cref="GenerationOptions.PublicPrefixTokenCount"/> counts, if the prompts begin
    /// with the same tokens. A scope without stored keys and values takes no memory.
    /// </remarks>
    [JsonIgnore]
    public string? PrefixScope
    {
        get;
        init => field = CheckPrefixScope(value, nameof(PrefixScope));
    }

    /// <summary>The values of the properties, without <see cref="PrefixScope"/>, which may name a user.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder(GetType().Name).Append(" { ");
        (this with { PrefixScope = null }).PrintMembers(text);
        return text.Append(" }").ToString();
    }

    /// <exception cref="ArgumentOutOfRangeException">The scope is empty or too long. The exception does not contain the scope's text.</exception>
    internal static string? CheckPrefixScope(string? value, string name)
        => value is { Length: 0 or > MaxPrefixScopeLength }
            ? throw new ArgumentOutOfRangeException(
                name, value.Length, Invariant($"{name} has {value.Length} characters; it must have 1 to {MaxPrefixScopeLength}, or be null for the model's own scope."))
            : value;
}
