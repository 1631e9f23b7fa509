using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Reading;

/// <summary>Parses the JSON of one record.</summary>
internal static class RecordDocument
{
    /// <summary>Parses a record, or states what is wrong with it.</summary>
    /// <param name="json">The record; the returned document keeps a reference to its memory.</param>
    /// <param name="fault">What is wrong with the record; null if it is valid.</param>
    /// <param name="origin">Text that messages append to a position, to state where the counting starts.</param>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> json, out string? fault, string origin = "")
    {
        try
        {
            fault = JsonSize.HasTooManyValues(json.Span)
                ? Invariant($"it has more than {JsonSize.MaxValueCount(json.Length):N0} values, which would take many times its length in memory; remove the fields that are not needed")
                : null;
            return fault is null ? JsonDocument.Parse(json) : null;
        }
        catch (JsonException exception)
        {
            fault = $"not JSON: {JsonFault.Describe(exception, json.Span)}{origin}; {Remedy(json.Span)}";
            return null;
        }
    }

    private static string Remedy(ReadOnlySpan<byte> json) =>
        json.TrimEnd(" \t\r\n"u8).EndsWith("},"u8) ? "lines of JSON have no commas between them: remove the comma, or put all objects into one list"
        : json.IndexOf("NaN"u8) >= 0 || json.IndexOf("Infinity"u8) >= 0 ? "NaN and Infinity are not JSON: write null"
        : $"correct the record, or have malformed records skipped ({nameof(DatasetOptions)}.{nameof(DatasetOptions.InvalidRecords)})";
}
