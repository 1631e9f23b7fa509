using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>The syntax of the arguments of a call.</summary>
/// <param name="Positional">Arguments without names.</param>
/// <param name="Keywords">Named arguments. No name occurs twice.</param>
/// <param name="Spread">The expression after <c>*</c>: the items of its value are positional arguments.</param>
/// <param name="KeywordSpread">The expression after <c>**</c>: its value is a dict of named arguments.</param>
internal sealed record ArgumentList(Expression[] Positional, KeyValuePair<TextValue, Expression>[] Keywords, Expression? Spread, Expression? KeywordSpread)
{
    public static ArgumentList Empty { get; } = new([], [], null, null);

    public bool IsEmpty => Positional.Length == 0 && Keywords.Length == 0 && Spread is null && KeywordSpread is null;
}
