using System.Diagnostics;

namespace Llama2.Cli.Constraints;

/// <summary>
/// Checks texts with constraints as a generation would: before each token and at the end, the mask is computed. It must contain the next token or, at
/// the end, a token that ends the text. Measures how long each mask takes to compute.
/// </summary>
/// <param name="tokenizer">Encodes texts as tokens.</param>
internal sealed class TextChecker(ModelTokenizer tokenizer)
{
    private readonly List<double> _maskMicroseconds = [];

    /// <summary>Statistics of the times, in microseconds, that the masks took to compute.</summary>
    public TimeFigures MaskMicroseconds => new(_maskMicroseconds);

    /// <summary>Checks the tokens of a text until a mask excludes a token or the text ends.</summary>
    /// <param name="constraint">The constraint.</param>
    /// <param name="text">The text.</param>
    public CheckedText Check(OutputConstraint constraint, string text)
    {
        int[] tokens = tokenizer.Encode(text, addBeginOfSequence: false);
        ConstraintMatcher matcher = constraint.CreateMatcher(tokenizer);
        for (int i = 0; i < tokens.Length; i++)
        {
            if (!IsAllowed(matcher, tokens[i]))
                return new(tokens, i, IsAccepted: false);
            if (!matcher.TryAccept(tokens[i]))
                throw new InvalidOperationException($"Token {tokens[i]} is allowed by the mask, but the matcher does not accept it.");
        }

        return new(tokens, tokens.Length, tokenizer.EndOfGenerationIds.Any(end => IsAllowed(matcher, end)));
    }

    private bool IsAllowed(ConstraintMatcher matcher, int token)
    {
        long start = Stopwatch.GetTimestamp();
        ReadOnlySpan<ulong> mask = matcher.ComputeMask();
        _maskMicroseconds.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        return (mask[token >> 6] >> token & 1) != 0;
    }
}
