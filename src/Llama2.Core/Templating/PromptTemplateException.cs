using System.Globalization;

namespace Llama2;

/// <summary>
/// A chat template cannot be read or rendered: it is malformed, uses a feature that this library does not support, exceeds a limit, or refuses the
/// conversation by calling <c>raise_exception</c>. In the last case, the message is the text that the template passes to this function.
/// </summary>
public sealed class PromptTemplateException : LlamaException
{
    /// <summary>Creates the exception with a message that consists of the given parts.</summary>
    /// <param name="line">The line of the template, from 1; null if the error is in the template's input.</param>
    /// <param name="column">The column in the line, from 1, in UTF-16 characters; null if there is no line.</param>
    /// <param name="what">What is wrong, including the value that is wrong: a sentence without the full stop at its end.</param>
    /// <param name="limit">What is allowed; empty if the parameter <paramref name="what"/> already states it.</param>
    /// <param name="remedy">The remedy; empty if it is obvious.</param>
    public PromptTemplateException(int? line, int? column, string what, string limit = "", string remedy = "")
        : base(Compose(line, column, what, limit, remedy))
    {
        Line = line;
        Column = column;
        What = what;
        Limit = limit;
        Remedy = remedy;
    }

    /// <summary>Creates the exception that a template itself raised.</summary>
    /// <param name="message">The text that the template passed to <c>raise_exception</c>, which is the whole message.</param>
    /// <param name="line">Line of the template, from 1.</param>
    /// <param name="column">Column in the line, from 1, in UTF-16 characters.</param>
    public PromptTemplateException(string message, int line, int column)
        : base(message)
    {
        Line = line;
        Column = column;
        What = message;
        Limit = "";
        Remedy = "";
    }

    /// <summary>The line of the template, from 1; null if the error is in the template's input.</summary>
    public int? Line { get; }

    /// <summary>The column in the line, from 1, in UTF-16 characters; null if there is no line.</summary>
    public int? Column { get; }

    /// <summary>What is wrong.</summary>
    public string What { get; }

    /// <summary>What is allowed; may be empty.</summary>
    public string Limit { get; }

    /// <summary>The remedy; may be empty.</summary>
    public string Remedy { get; }

    private static string Compose(int? line, int? column, string what, string limit, string remedy)
    {
        string place = line is null ? "Chat template" : string.Create(CultureInfo.InvariantCulture, $"Chat template, line {line}, column {column}");
        return $"{place}: {what}{(limit.Length == 0 ? "" : "; " + limit)}{(remedy.Length == 0 ? "" : ": " + remedy)}.";
    }
}
