using System.Text;

namespace Llama2.Guard.Clients;

/// <summary>The masked parts of a text, without overlaps and in order.</summary>
internal sealed class MaskSpans
{
    private readonly List<(int Start, int End, string Kind)> _spans = [];

    public static MaskSpans None { get; } = new();

    public bool IsEmpty => _spans.Count == 0;

    /// <summary>The masks of a verdict.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="offset">The place of the judged text in the whole text.</param>
    public static MaskSpans Of(GuardVerdict? verdict, int offset = 0)
    {
        if (verdict is not { HasMasks: true })
            return None;
        var masks = new MaskSpans();
        foreach (GuardFinding finding in verdict.Findings.Where(finding => finding.Action == GuardAction.Mask).OrderBy(finding => finding.Start))
        {
            (int start, int end) = (finding.Start + offset, finding.End + offset);
            if (masks._spans is [.., var last] && start < last.End)
                masks._spans[^1] = (last.Start, Math.Max(last.End, end), last.Kind);
            else
                masks._spans.Add((start, end, finding.Kind));
        }

        return masks;
    }

    /// <summary>These masks before a place, and those of a new verdict after it. A mask that the new verdict extends stays one mask.</summary>
    /// <param name="verdict">The verdict on the text from the place on.</param>
    /// <param name="place">The place.</param>
    public MaskSpans Replace(GuardVerdict? verdict, int place)
    {
        var masks = new MaskSpans();
        masks._spans.AddRange(_spans.Where(span => span.Start < place));
        foreach ((int start, int end, string kind) in Of(verdict, place)._spans)
        {
            if (masks._spans is [.., var last] && start < last.End)
                masks._spans[^1] = (last.Start, Math.Max(last.End, end), last.Kind);
            else
                masks._spans.Add((start, end, kind));
        }

        return masks;
    }

    /// <summary>Whether a part of a range is masked.</summary>
    public bool Touches(int start, int end) => _spans.Exists(span => span.Start < end && span.End > start);

    /// <summary>A part of the text, in which each masked part is replaced by its kind where it begins.</summary>
    public string Slice(StringBuilder text, int start, int end)
    {
        if (!Touches(start, end))
            return text.ToString(start, end - start);
        var slice = new StringBuilder(end - start);
        int position = start;
        foreach ((int spanStart, int spanEnd, string kind) in _spans.Where(span => span.Start < end && span.End > start))
        {
            if (spanStart >= position)
                slice.Append(text, position, spanStart - position).Append('[').Append(kind).Append(']');
            position = Math.Min(end, spanEnd);
        }

        return slice.Append(text, position, end - position).ToString();
    }
}
