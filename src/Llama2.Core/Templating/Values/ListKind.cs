namespace Llama2.Templating.Values;

/// <summary>Which of Python's sequences a <see cref="ListValue"/> represents.</summary>
internal enum ListKind
{
    List,
    Tuple,

    /// <summary>The result of <c>range()</c>.</summary>
    Range,

    /// <summary>The result of a dict's <c>keys()</c>: it has a length and items, but no item can be taken by its index.</summary>
    Keys,

    /// <summary>The result of a dict's <c>values()</c>.</summary>
    Values,

    /// <summary>The result of a dict's <c>items()</c>.</summary>
    Items,
}
