using System.Runtime.InteropServices;
using Llama2.Grammar.Regexes;
using Llama2.Sampling;

namespace Llama2.Grammar.Matching;

/// <summary>
/// The state of a constraint in one generation. Models begin answers with a space. If the tokenizer drops a space at the beginning of a text, one
/// such space does not count as part of the generated text. If the same constraint has been used with similar text before, this object allocates
/// nothing after its construction. <see cref="Dispose"/> makes the buffers, which grew with the text, available to later generations; the object
/// cannot be used afterwards.
/// </summary>
internal sealed class GrammarConstraint : IOutputConstraint, IDisposable
{
    private readonly GrammarMatcher _matcher;
    private readonly ForcedTexts _forcedTexts;
    private readonly TokenBytes _tokens;
    private readonly ModelTokenizer _tokenizer;
    private readonly int[] _endTokens;
    private readonly ulong[] _mask;
    private readonly bool _dropsSpace;
    private readonly List<byte> _forcedText = new(ForcedTexts.MaxLength);
    private int _remainingCount;
    private bool _isAtStart = true;
    private string? _failure;

    /// <param name="grammar">The constraint, compiled for the vocabulary.</param>
    /// <param name="tokenizer">The tokenizer of the vocabulary.</param>
    /// <param name="tokenLimit">The maximum number of tokens of the text; <see cref="int.MaxValue"/> for no limit.</param>
    /// <param name="endTokens">The tokens that may end the text.</param>
    public GrammarConstraint(CompiledGrammar grammar, ModelTokenizer tokenizer, int tokenLimit, int[] endTokens)
    {
        _matcher = new GrammarMatcher(grammar, limitsTokens: tokenLimit < int.MaxValue);
        _forcedTexts = grammar.ForcedTexts;
        _tokens = grammar.Tokens;
        _tokenizer = tokenizer;
        _endTokens = endTokens;
        _mask = new ulong[grammar.Tokens.MaskLength];
        _dropsSpace = tokenizer.DropsLeadingSpace;
        _remainingCount = tokenLimit;
    }

    /// <summary>The number of tokens of the vocabulary.</summary>
    public int VocabularySize => _tokens.Count;

    /// <summary>Whether the text may end here.</summary>
    public bool CanEnd => _matcher.CanEnd;

    /// <summary>Whether the text is complete, so that nothing may follow.</summary>
    public bool IsComplete => _matcher.IsComplete;

    public ReadOnlySpan<ulong> ComputeMask()
    {
        ThrowIfFailed();
        try
        {
            _matcher.ComputeMask(_mask, _remainingCount, _dropsSpace && _isAtStart);
        }
        catch (GrammarLimitException exception)
        {
            throw Fail(exception);
        }

        if (_matcher.CanEnd)
        {
            foreach (int token in _endTokens)
                _mask[token >> 6] |= 1UL << token;
        }

        if (!_mask.AsSpan().ContainsAnyExcept(0UL))
        {
            throw new OutputConstraintException(
                "No token of the vocabulary can continue the text, because the constraint demands a byte that no token has. Use a vocabulary with byte tokens.");
        }

        return _mask;
    }

    public void Accept(int token)
    {
        if (!TryAccept(token))
            throw new InvalidOperationException($"Token {token} was chosen although the constraint does not allow it.");
    }

    /// <summary>
    /// Accepts a token if the mask allows it; else returns false and changes nothing. A token that ends the text does not change anything either.
    /// </summary>
    public bool TryAccept(int token)
    {
        ThrowIfFailed();
        if (_matcher.CanEnd && _endTokens.Contains(token))
            return true;
        try
        {
            if (!TryTake(token))
                return false;
        }
        catch (GrammarLimitException exception)
        {
            throw Fail(exception);
        }

        _isAtStart = false;
        return true;
    }

    /// <summary>
    /// Finds the text that must follow, whatever the model computes; encodes this text with the tokenizer, and accepts the tokens. If more text can follow the
    /// forced text, the last token of the forced text is not accepted but left to the model. The model might write the end of the forced text and the text
    /// after it as one token.
    /// </summary>
    /// <param name="maxCount">The maximum number of tokens to accept.</param>
    /// <returns>The accepted tokens; valid until the next call.</returns>
    public ReadOnlySpan<int> TakeForcedTokens(int maxCount)
    {
        if (maxCount <= 0 || _isAtStart)
            return [];
        ThrowIfFailed();
        try
        {
            _forcedText.Clear();
            bool isComplete = _matcher.FindForcedText(_forcedText, ForcedTexts.MaxLength);
            if (_forcedText.Count < 2)
                return [];
            ReadOnlySpan<int> forced = _forcedTexts.Encode(CollectionsMarshal.AsSpan(_forcedText), _tokenizer);
            int wantedCount = Math.Min(isComplete ? forced.Length : forced.Length - 1, maxCount), count = 0;
            while (count < wantedCount && TryTake(forced[count]))
                count++;
            return forced[..count];
        }
        catch (GrammarLimitException exception)
        {
            throw Fail(exception);
        }
    }

    public void Dispose() => _matcher.Dispose();

    private void ThrowIfFailed()
    {
        if (_failure is not null)
            throw new OutputConstraintException(_failure);
    }

    // The lexer's states are created when a text first reaches them, so a limit may be exceeded in the middle of a text. The matcher is then not usable.
    private OutputConstraintException Fail(GrammarLimitException exception)
    {
        _failure = $"The constraint is too large to be followed: {exception.Message}.";
        return new OutputConstraintException(_failure, innerException: exception);
    }

    // Accepts a token, unless too few tokens would remain after it to complete the text. Too few can remain because the tokenizer may encode a forced
    // text with more tokens than necessary.
    private bool TryTake(int token)
    {
        int position = _matcher.Position;
        if (!_matcher.TryAccept(token, _dropsSpace && _isAtStart))
            return false;
        if (_remainingCount == int.MaxValue)
            return true;
        if (_matcher.Cost > _remainingCount - 1)
        {
            _matcher.Return(position);
            return false;
        }

        _remainingCount--;
        return true;
    }
}
