using System.Globalization;

namespace Llama2.Grammar.Gbnf;

/// <summary>A text is not a valid grammar in GBNF.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="line">The line of the error, counted from 1.</param>
/// <param name="column">The position of the error in its line, in UTF-16 units counted from 1.</param>
internal sealed class GbnfException(string message, int line, int column)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"line {line}, column {column}: {message}"))
{
    public int Line { get; } = line;

    public int Column { get; } = column;
}
