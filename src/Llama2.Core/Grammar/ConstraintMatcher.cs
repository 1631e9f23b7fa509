using Llama2.Grammar.Matching;

namespace Llama2;

/// <summary>
/// Follows one text through a constraint, token by token: which tokens may come next, and whether the text may end. For checking tokens that exist, or for
/// a sampler of your own; a generation with <see cref="GenerationOptions.Constraint"/> does the same. Created by
/// <see cref="OutputConstraint.CreateMatcher"/>. Not thread-safe; matchers of the same constraint may be used at the same time.
/// </summary>
/// <remarks>
/// Where the tokenizer writes a space before a text, a space at the beginning of the first token does not belong to the text. A mask takes some
/// microseconds, and does not allocate once the constraint has seen similar text.
/// </remarks>
public sealed class ConstraintMatcher
{
    private readonly GrammarConstraint _constraint;

    internal ConstraintMatcher(GrammarConstraint constraint) => _constraint = constraint;

    /// <summary>The number of tokens of the vocabulary: of bits in a mask.</summary>
    public int VocabularySize => _constraint.VocabularySize;

    /// <summary>Whether the text so far fits the constraint, so that it may end.</summary>
    public bool CanEnd => _constraint.CanEnd;

    /// <summary>Whether the text so far fits the constraint and nothing may follow.</summary>
    public bool IsComplete => _constraint.IsComplete;

    /// <summary>Finds the tokens that may come next.</summary>
    /// <returns>
    /// A bit for each token, token <c>i</c> in bit <c>i % 64</c> of element <c>i / 64</c>; the end-of-generation tokens are allowed where <see cref="CanEnd"/>.
    /// Valid until the next call.
    /// </returns>
    /// <exception cref="OutputConstraintException">No token may come next, because the vocabulary lacks the bytes that the constraint demands.</exception>
    public ReadOnlySpan<ulong> ComputeMask() => _constraint.ComputeMask();

    /// <summary>Takes the next token. An end-of-generation token is accepted where <see cref="CanEnd"/>, and changes nothing.</summary>
    /// <param name="token">The id of a token.</param>
    /// <returns>Whether the token is one that <see cref="ComputeMask"/> allows; if not, nothing has changed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such token.</exception>
    public bool TryAccept(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, VocabularySize);
        return _constraint.TryAccept(token);
    }
}
