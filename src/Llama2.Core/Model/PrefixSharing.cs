namespace Llama2.Model;

/// <summary>With whom a sequence shares the keys and values of its tokens.</summary>
/// <param name="Scope">The circle of trust: sequences of the same scope share everything. Null is the model's own scope.</param>
/// <param name="PublicTokenCount">Tokens, from the first on, that sequences of every scope may take over.</param>
/// <param name="IsShared">False for a sequence that neither takes over nor leaves keys and values.</param>
internal sealed record PrefixSharing(string? Scope = null, int PublicTokenCount = 0, bool IsShared = true)
{
    /// <summary>The model's own scope, and no public tokens.</summary>
    public static PrefixSharing Default { get; } = new();

    /// <summary>Nothing is shared.</summary>
    public static PrefixSharing None { get; } = new(IsShared: false);
}
