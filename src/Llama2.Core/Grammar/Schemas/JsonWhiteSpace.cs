namespace Llama2;

/// <summary>The white space that constrained JSON has between the parts of its text, for example after commas.</summary>
public enum JsonWhiteSpace
{
    /// <summary>
    /// A space after each comma and colon, as Python's <c>json.dumps</c> writes it: <c>{"a": [1, 2]}</c>. Fine-tuned models have seen this form most
    /// often.
    /// </summary>
    Spaced,

    /// <summary>No white space: <c>{"a":[1,2]}</c>.</summary>
    Compact,

    /// <summary>The model chooses: up to 64 spaces, tabs and line ends at each place where JSON allows white space.</summary>
    Flexible,
}
