namespace Llama2.Grammar.Matching;

/// <summary>
/// All tokens up to a length in bytes that are plain text inside a JSON string: whole characters without quotation marks, backslashes and control
/// characters. If a grammar allows every such text, all these tokens are allowed, and only the other tokens have to be walked over to compute a mask.
/// </summary>
/// <param name="maxLength">The length of the longest of the tokens in bytes.</param>
/// <param name="bits">The tokens, as a mask.</param>
/// <param name="rest">The other tokens of the vocabulary.</param>
internal sealed class TextSlice(int maxLength, ulong[] bits, TokenTrie rest)
{
    public int MaxLength => maxLength;

    public ulong[] Bits => bits;

    public TokenTrie Rest => rest;
}
