namespace Llama2.Grammar.Matching;

/// <summary>
/// All tokens of at most a certain number of bytes that are plain text inside a JSON string: whole characters without quotation marks, backslashes
/// and control characters. If a grammar allows every such text, all these tokens are allowed, and the computation of a mask only has to walk over the
/// other tokens.
/// </summary>
/// <param name="maxLength">The length in bytes of the longest of these tokens.</param>
/// <param name="bits">The tokens, as a mask.</param>
/// <param name="rest">The other tokens of the vocabulary.</param>
internal sealed class TextSlice(int maxLength, ulong[] bits, TokenTrie rest)
{
    public int MaxLength => maxLength;

    public ulong[] Bits => bits;

    public TokenTrie Rest => rest;
}
