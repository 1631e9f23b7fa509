using System.Globalization;

namespace Llama2.Grammar.Gbnf;

/// <summary>A text is not a grammar in GBNF.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="line">The line where it is, from 1.</param>
/// <param name="column">The character of the line, from 1.</param>
internal sealed class GbnfException(string message, int line, int column)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"line {line}, column {column}: {message}"))
{
    public int Line { get; } = line;

    public int Column { get; } = column;
}
