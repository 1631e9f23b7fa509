namespace Llama2.Grammar.Matching;

/// <summary>
/// The tokens that may follow a state of the lexer, as far as the lexer alone can say: those that stay within a lexeme or end with it; and the
/// places in the trie at which a lexeme is complete and the token goes on, for the parser to look at. Immutable.
/// </summary>
/// <param name="Slice">A slice whose tokens are all allowed, or null.</param>
/// <param name="Tokens">Allowed tokens that are not in the slice, if they are few.</param>
/// <param name="Bits">The same as a mask, if they are many; else null.</param>
/// <param name="Boundaries">The places at which lexemes are complete.</param>
/// <param name="MaxCost">The highest of the costs to complete a lexeme after an allowed token, in tokens.</param>
internal sealed record LexerMask(TextSlice? Slice, int[] Tokens, ulong[]? Bits, LexerBoundary[] Boundaries, int MaxCost);
