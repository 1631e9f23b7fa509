using Llama2.Grammar.Matching;

namespace Llama2;

/// <summary>
/// Checks one text against a constraint, token by token: says which tokens may come next and whether the text may end. Use it to check tokens that you
/// already have, or in a sampler of your own; a generation with <see cref="GenerationOptions.Constraint"/> needs no matcher. Created by
/// <see cref="OutputConstraint.CreateMatcher"/>. Not thread-safe, but several matchers of the same constraint may be used at the same time.
/// </summary>
/// <remarks>
/// If the tokenizer puts a space before every text, a space at the beginning of the first token does not count as part of the text. Computing a mask
/// takes some microseconds, and allocates no memory if the constraint has been used with similar text before.
/// </remarks>
public sealed class ConstraintMatcher
{
    private readonly GrammarConstraint _constraint;

    internal ConstraintMatcher(GrammarConstraint constraint) => _constraint = constraint;

    /// <summary>The number of tokens in the vocabulary, which is also the number of bits in a mask.</summary>
    public int VocabularySize => _constraint.VocabularySize;

    /// <summary>Whether the text so far fits the constraint, so that it may end.</summary>
    public bool CanEnd => _constraint.CanEnd;

    /// <summary>Whether the text so far fits the constraint and nothing may follow.</summary>
    public bool IsComplete => _constraint.IsComplete;

    /// <summary>Finds the tokens that may come next.</summary>
    /// <returns>
    /// A mask with one bit for each token; the bit is set if the token is allowed. The bit of token <c>i</c> is bit <c>i % 64</c> of element <c>i /
    /// 64</c>. The end-of-generation tokens are allowed if <see cref="CanEnd"/> is true. The mask is valid until the next call of
    /// this method.
    /// </returns>
    /// <exception cref="OutputConstraintException">No token can come next, because the vocabulary lacks the bytes that the constraint demands.</exception>
    public ReadOnlySpan<ulong> ComputeMask() => _constraint.ComputeMask();

    /// <summary>Takes the next token. An end-of-generation token is accepted if <see cref="CanEnd"/> is true; such a token does not change the matcher.</summary>
    /// <param name="token">The id of a token.</param>
    /// <returns>True if <see cref="ComputeMask"/> allows the token; if false, the matcher has not changed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such token.</exception>
    public bool TryAccept(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, VocabularySize);
        return _constraint.TryAccept(token);
    }
}
