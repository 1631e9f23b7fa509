namespace Llama2.Grammar.Patterns;

/// <summary>A pattern is not a valid regular expression, or it contains something that is not supported.</summary>
/// <param name="message">What is wrong or not supported.</param>
/// <param name="position">The position of the error in the pattern, in UTF-16 units counted from 0.</param>
internal sealed class PatternException(string message, int position) : Exception(message)
{
    public int Position { get; } = position;
}
