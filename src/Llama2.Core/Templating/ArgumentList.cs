namespace Llama2.Templating;

/// <summary>The syntax of what something is called with.</summary>
internal sealed record ArgumentList(Expression[] Positional, KeyValuePair<string, Expression>[] Keywords)
{
    public static ArgumentList Empty { get; } = new([], []);

    public bool IsEmpty => Positional.Length == 0 && Keywords.Length == 0;
}
