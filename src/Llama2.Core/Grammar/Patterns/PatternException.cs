namespace Llama2.Grammar.Patterns;

/// <summary>A pattern is not a regular expression of the syntax, or one that is not supported.</summary>
/// <param name="message">What is wrong or not supported.</param>
/// <param name="position">The index of the UTF-16 unit of the pattern where it is.</param>
internal sealed class PatternException(string message, int position) : Exception(message)
{
    public int Position { get; } = position;
}
