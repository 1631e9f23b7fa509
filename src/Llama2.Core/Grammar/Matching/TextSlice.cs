namespace Llama2.Grammar.Matching;

/// <summary>
/// Tokens that are plain text inside a JSON string, up to a length: whole characters, no quotation mark, no backslash, no control character. Where
/// any such text may come, all of them may, so that a mask needs only the walk over the other tokens.
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
