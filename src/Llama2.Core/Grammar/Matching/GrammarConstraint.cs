using System.Runtime.InteropServices;
using System.Text;
using Llama2.Grammar.Regexes;
using Llama2.Sampling;

namespace Llama2.Grammar.Matching;

/// <summary>A constraint as one generation follows it. One space before the text does not belong to it, as models begin answers with one.</summary>
internal sealed class GrammarConstraint : IOutputConstraint
{
    private const int MaxForcedLength = 1024;

    private readonly GrammarMatcher _matcher;
    private readonly TokenBytes _tokens;
    private readonly ModelTokenizer _tokenizer;
    private readonly int[] _endTokens;
    private readonly ulong[] _mask;
    private readonly bool _dropsSpace;
    private readonly List<byte> _forcedText = [];
    private readonly List<int> _forcedTokens = [];
    private int _remainingCount;
    private bool _isAtStart = true;

    /// <param name="grammar">The constraint for the vocabulary.</param>
    /// <param name="tokenizer">The tokenizer of the vocabulary.</param>
    /// <param name="tokenLimit">The highest number of tokens, <see cref="int.MaxValue"/> for any.</param>
    /// <param name="endTokens">The tokens that may end the text.</param>
    public GrammarConstraint(CompiledGrammar grammar, ModelTokenizer tokenizer, int tokenLimit, int[] endTokens)
    {
        _matcher = new GrammarMatcher(grammar, limitsTokens: tokenLimit < int.MaxValue);
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
        try
        {
            _matcher.ComputeMask(_mask, _remainingCount, _dropsSpace && _isAtStart);
        }
        catch (GrammarLimitException exception)
        {
            // The lexer's states are made when a text first reaches them, so a limit may be exceeded late.
            throw new OutputConstraintException($"The constraint is too large to be followed: {exception.Message}.", innerException: exception);
        }

        if (_matcher.CanEnd)
        {
            foreach (int token in _endTokens)
                _mask[token >> 6] |= 1UL << token;
        }

        if (!_mask.AsSpan().ContainsAnyExcept(0UL))
        {
            throw new OutputConstraintException(
                "No token of the vocabulary continues the text as its constraint demands: the vocabulary lacks a byte. Use a vocabulary with byte tokens, as Llama's has.");
        }

        return _mask;
    }

    public void Accept(int token)
    {
        if (!TryAccept(token))
            throw new InvalidOperationException($"Token {token} was chosen although its constraint does not allow it.");
    }

    /// <summary>Takes a token of the mask, and returns true; false, and no change, for others. A token that ends the text changes nothing.</summary>
    public bool TryAccept(int token)
    {
        if (_matcher.CanEnd && _endTokens.Contains(token))
            return true;
        if (!TryTake(token))
            return false;
        _isAtStart = false;
        return true;
    }

    /// <summary>
    /// Finds the tokens that must follow whatever the model says, as the tokenizer would write their text, and takes them. The last one is left to the
    /// model where its text could go on, because the model might write it and what follows as one token.
    /// </summary>
    /// <param name="maxCount">The highest number of tokens wanted.</param>
    /// <returns>The tokens; valid until the next call.</returns>
    public ReadOnlySpan<int> TakeForcedTokens(int maxCount)
    {
        _forcedText.Clear();
        _forcedTokens.Clear();
        if (maxCount <= 0 || _isAtStart)
            return [];
        bool isComplete = _matcher.FindForcedText(_forcedText, MaxForcedLength);
        if (_forcedText.Count < 2 || !Decode(out string text))
            return [];
        _tokenizer.Encode(text, _forcedTokens, addDummyPrefix: false);
        int wantedCount = Math.Min(isComplete ? _forcedTokens.Count : _forcedTokens.Count - 1, maxCount), count = 0;
        while (count < wantedCount && TryTake(_forcedTokens[count]))
            count++;
        return CollectionsMarshal.AsSpan(_forcedTokens)[..count];
    }

    // A token after which the rest would not suffice is not taken: the tokenizer's way to write a text may be a longer one than the shortest.
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

    // Whole characters only: a forced text may end within one.
    private bool Decode(out string text)
    {
        byte[] bytes = [.. _forcedText];
        int length = bytes.Length;
        while (length > 0 && !System.Text.Unicode.Utf8.IsValid(bytes.AsSpan(0, length)))
            length--;
        text = Encoding.UTF8.GetString(bytes, 0, length);
        return length > 0;
    }
}
