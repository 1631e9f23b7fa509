using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// Reads axolotl's <c>input_output</c>: segments of a text without a template, each with a label that says whether it is learned. The segments state
/// all control tokens themselves.
/// </summary>
internal sealed class SegmentFormat : RecordFormat
{
    public override DatasetFormat Format => DatasetFormat.Segments;

    public override string Needs => "'segments'";

    public override bool Matches(RecordObject record) => record.Has("segments");

    public override DatasetRecord Read(RecordObject record)
    {
        List<TextSegment> segments = [];
        List<string> unused = [];
        foreach (JsonElement element in (record.FindList("segments", "segments") ?? record.Require("segments")).EnumerateArray())
        {
            var segment = new RecordObject(element, record.Names, Invariant($"segment {segments.Count:N0} of {record.Place("segments")}"));
            bool isLearned = segment.FindFlag("label") ?? throw new RecordFaultException($"{segment.Place("label")} is missing; it must be true or false");
            segments.Add(new TextSegment(FieldValue.Text(segment.Require("text"), segment.Place("text")), isLearned));
            UnusedFields.Check(segment, FieldScope.Message, "segments", unused);
        }

        return segments.Any(segment => segment is { IsLearned: true, Text.Length: > 0 })
            ? new DatasetRecord { Segments = segments, Unused = unused }
            : throw new RecordFaultException($"{record.Place("segments")} has no segment to learn; set the label of one to true, or leave the record out");
    }
}
