namespace Llama2;

/// <summary>Which white space constrained JSON has between its tokens.</summary>
public enum JsonWhiteSpace
{
    /// <summary>A space after each comma and colon, as Python's <c>json.dumps</c> writes it: <c>{"a": [1, 2]}</c>. Fine-tuned models have seen this most.</summary>
    Spaced,

    /// <summary>None: <c>{"a":[1,2]}</c>.</summary>
    Compact,

    /// <summary>What the model likes: up to 64 spaces, tabs and line ends at each place where JSON allows them between tokens.</summary>
    Flexible,
}
