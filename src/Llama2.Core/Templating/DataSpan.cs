namespace Llama2.Templating;

/// <summary>Characters of a text that came from the conversation.</summary>
/// <param name="Start">Where they start.</param>
/// <param name="Length">How many, at least 1.</param>
internal readonly record struct DataSpan(int Start, int Length)
{
    public int End => Start + Length;
}
