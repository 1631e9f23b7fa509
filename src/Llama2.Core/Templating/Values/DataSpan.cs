namespace Llama2.Templating.Values;

/// <summary>Consecutive characters of a text, all of which came from the conversation.</summary>
/// <param name="Start">The index of the first character.</param>
/// <param name="Length">The number of characters, at least 1.</param>
internal readonly record struct DataSpan(int Start, int Length)
{
    public int End => Start + Length;

    /// <summary>Adds a span at the end, and merges it with the last span if the two touch.</summary>
    public static void Append(List<DataSpan> spans, DataSpan added)
    {
        if (spans.Count > 0 && spans[^1].End == added.Start)
            spans[^1] = spans[^1] with { Length = spans[^1].Length + added.Length };
        else
            spans.Add(added);
    }
}
