namespace Llama2.Grammar.Matching;

/// <summary>
/// The information that the lexer alone has about the tokens that may follow a state. A token that stays within a lexeme, or ends where the lexeme ends, is
/// allowed. Whether a token that goes on after the end of a lexeme is allowed depends on the parser; for such tokens, this object has the nodes of
/// the trie at which the lexeme ends. Immutable.
/// </summary>
/// <param name="Slice">A slice whose tokens are all allowed, or null.</param>
/// <param name="Tokens">The allowed tokens that are not in the slice, if they are few; else empty.</param>
/// <param name="Bits">The allowed tokens that are not in the slice, as a mask, if they are many; else null.</param>
/// <param name="Boundaries">The nodes of the trie at which lexemes end, although tokens below these nodes go on.</param>
/// <param name="MaxCost">The highest number of tokens that it takes to complete a lexeme after an allowed token.</param>
internal sealed record LexerMask(TextSlice? Slice, int[] Tokens, ulong[]? Bits, LexerBoundary[] Boundaries, int MaxCost);
