using System.Text;

namespace Llama2.Guard.Clients;

/// <summary>The masked parts of a text, without overlaps and in order. Immutable.</summary>
internal sealed class MaskSpans
{
    private readonly List<(int Start, int End, string Kind)> _spans = [];

    private MaskSpans(IEnumerable<(int Start, int End, string Kind)> spans)
    {
        // Parts that overlap become one, with the kind of the first.
        foreach ((int start, int end, string kind) in spans.OrderBy(span => span.Start))
        {
            if (_spans is [.., var last] && start < last.End)
                _spans[^1] = (last.Start, Math.Max(last.End, end), last.Kind);
            else
                _spans.Add((start, end, kind));
        }
    }

    public static MaskSpans None { get; } = new([]);

    public bool IsEmpty => _spans.Count == 0;

    /// <summary>The masks of a verdict.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="offset">The position of the judged text in the whole text.</param>
    public static MaskSpans Of(GuardVerdict? verdict, int offset = 0) => verdict is not { HasMasks: true } ? None
        : new MaskSpans(verdict.Findings.Where(finding => finding.Action == GuardAction.Mask).Select(finding => (finding.Start + offset, finding.End + offset, finding.Kind)));

    /// <summary>
    /// The masks of both. A mask is never removed: a later verdict may not find it again, because its text may begin after the characters by which it was
    /// found.
    /// </summary>
    /// <param name="other">The other masks.</param>
    /// <param name="shift">The offset that is added to the positions of the other masks.</param>
    public MaskSpans Union(MaskSpans other, int shift = 0) =>
        other.IsEmpty ? this : new MaskSpans(_spans.Concat(other._spans.Select(span => (span.Start + shift, span.End + shift, span.Kind))));

    /// <summary>The masked parts of a range.</summary>
    public MaskSpans Within(int start, int end) =>
        new(_spans.Where(span => span.Start < end && span.End > start).Select(span => (Math.Max(start, span.Start), Math.Min(end, span.End), span.Kind)));

    /// <summary>Whether a part of a range is masked.</summary>
    public bool Touches(int start, int end) => _spans.Exists(span => span.Start < end && span.End > start);

    /// <summary>The position where the mask begins that covers a position; the position itself if none does.</summary>
    public int StartAt(int place)
    {
        int index = _spans.FindIndex(span => span.Start < place && span.End > place);
        return index < 0 ? place : _spans[index].Start;
    }

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
