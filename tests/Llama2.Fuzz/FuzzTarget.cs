namespace Llama2.Fuzz;

/// <summary>A reader of untrusted bytes.</summary>
/// <param name="Seeds">Well-formed inputs, from which others are made.</param>
/// <param name="Read">Reads an input and uses what it gives; refuses it by a <see cref="LlamaException"/>.</param>
internal sealed record FuzzTarget(IReadOnlyList<byte[]> Seeds, Action<byte[]> Read)
{
    /// <summary>Texts to put into inputs, where changed bytes alone would seldom spell them.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
