using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>The syntax of what something is called with.</summary>
/// <param name="Positional">Arguments without names.</param>
/// <param name="Keywords">Arguments with names, no name twice.</param>
/// <param name="Spread">What stands behind <c>*</c>: items that are arguments without names.</param>
/// <param name="KeywordSpread">What stands behind <c>**</c>: a dict of arguments with names.</param>
internal sealed record ArgumentList(Expression[] Positional, KeyValuePair<TextValue, Expression>[] Keywords, Expression? Spread, Expression? KeywordSpread)
{
    public static ArgumentList Empty { get; } = new([], [], null, null);

    public bool IsEmpty => Positional.Length == 0 && Keywords.Length == 0 && Spread is null && KeywordSpread is null;
}
