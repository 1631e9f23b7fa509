namespace Llama2.Chat;

/// <summary>An adapter that a saved chat session used.</summary>
/// <param name="Fingerprint"><see cref="LlamaAdapter.Fingerprint"/>.</param>
/// <param name="Scale"><see cref="LlamaAdapterUse.Scale"/>.</param>
internal sealed record ChatSessionAdapter(string Fingerprint, float Scale)
{
    /// <summary>The saved description of adapters, which does not depend on their order.</summary>
    public static ChatSessionAdapter[] Describe(IEnumerable<LlamaAdapterUse> uses) =>
        [.. uses.Select(use => new ChatSessionAdapter(use.Adapter.Fingerprint, use.Scale)).OrderBy(adapter => adapter.Fingerprint, StringComparer.Ordinal).ThenBy(adapter => adapter.Scale)];
}
