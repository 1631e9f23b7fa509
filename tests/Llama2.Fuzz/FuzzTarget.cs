namespace Llama2.Fuzz;

/// <summary>A reader of untrusted bytes.</summary>
/// <param name="Seeds">Well-formed inputs, from which others are derived.</param>
/// <param name="Read">Reads an input and uses the result; refuses a malformed input with a <see cref="LlamaException"/>.</param>
internal sealed record FuzzTarget(IReadOnlyList<byte[]> Seeds, Action<byte[]> Read)
{
    /// <summary>Texts to insert into inputs, because changed bytes alone would seldom produce them.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}
