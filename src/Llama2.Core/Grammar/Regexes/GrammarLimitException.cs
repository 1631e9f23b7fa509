using System.Globalization;

namespace Llama2.Grammar.Regexes;

/// <summary>A grammar, schema or pattern exceeds a limit that protects time and memory.</summary>
internal sealed class GrammarLimitException(string message) : Exception(message)
{
    /// <summary>Throws if a number is above its limit.</summary>
    /// <param name="value">The number.</param>
    /// <param name="limit">The highest number allowed.</param>
    /// <param name="what">What is counted, in the plural.</param>
    public static void ThrowIfAbove(long value, long limit, string what)
    {
        if (value > limit)
            throw new GrammarLimitException(string.Create(CultureInfo.InvariantCulture, $"there are more than {limit:N0} {what}; simplify it"));
    }
}
