namespace Llama2.Model;

/// <summary>States which other sequences share the keys and values of a sequence's tokens.</summary>
/// <param name="Scope">The prefix scope: sequences of the same scope share all keys and values. Null is the model's own scope.</param>
/// <param name="PublicTokenCount">The number of tokens at the beginning whose keys and values may be reused by sequences of every scope.</param>
/// <param name="IsShared">Whether the sequence reuses keys and values of other sequences, and shares its own with them.</param>
internal sealed record PrefixSharing(string? Scope = null, int PublicTokenCount = 0, bool IsShared = true)
{
    /// <summary>The model's own scope, and no public tokens.</summary>
    public static PrefixSharing Default { get; } = new();

    /// <summary>Nothing is shared.</summary>
    public static PrefixSharing None { get; } = new(IsShared: false);
}
