using System.Globalization;

namespace Llama2.Grammar.Regexes;

/// <summary>A grammar, schema or pattern exceeds a limit that protects time and memory.</summary>
/// <param name="message">The limit, and what exceeds it.</param>
/// <param name="source">The name of the schema at fault, if there are several schemas; null if there is only one.</param>
/// <param name="place">The place in the schema as a JSON pointer; null if it is not known, or there is no schema.</param>
internal sealed class GrammarLimitException(string message, string? source = null, string? place = null) : Exception(message)
{
    /// <summary>The name of the schema at fault, if there are several schemas; null if there is only one.</summary>
    public string? SourceName { get; } = source;

    /// <summary>The place in the schema as a JSON pointer; null if it is not known, or there is no schema.</summary>
    public string? Place { get; } = place;

    /// <summary>The message with the place.</summary>
    public string Located => $"{(SourceName is null ? "" : $"in the {SourceName}, ")}{(Place is null ? "" : Place.Length == 0 ? "at its root, " : $"at '{Place}', ")}{Message}";

    /// <summary>Throws if a number is above its limit.</summary>
    /// <param name="value">The number.</param>
    /// <param name="limit">The highest number allowed.</param>
    /// <param name="what">The name of the things that are counted, in the plural.</param>
    public static void ThrowIfAbove(long value, long limit, string what)
    {
        if (value > limit)
            throw new GrammarLimitException(string.Create(CultureInfo.InvariantCulture, $"there are more than {limit:N0} {what}; simplify it"));
    }
}
