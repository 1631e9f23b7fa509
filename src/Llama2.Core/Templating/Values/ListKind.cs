namespace Llama2.Templating.Values;

/// <summary>Which of Python's sequences a <see cref="ListValue"/> stands for.</summary>
internal enum ListKind
{
    List,
    Tuple,

    /// <summary>What <c>range()</c> gives.</summary>
    Range,

    /// <summary>What a dict's <c>keys()</c> gives: it has a length and items, but no item can be taken by its index.</summary>
    Keys,

    /// <summary>What a dict's <c>values()</c> gives.</summary>
    Values,

    /// <summary>What a dict's <c>items()</c> gives.</summary>
    Items,
}
