using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>All formats of records, and the detection of a record's format.</summary>
internal static class RecordFormats
{
    /// <summary>The reader of a format; null for plain text, which has no records.</summary>
    public static IRecordFormat? Find(DatasetFormat format, PromptFormat? promptFormat) => All(promptFormat).FirstOrDefault(candidate => candidate.Format == format);

    /// <summary>Detects the format of a record; the record must match exactly one format.</summary>
    /// <exception cref="RecordFaultException">The record matches no format, or more than one.</exception>
    public static IRecordFormat Detect(JsonElement record, PromptFormat? promptFormat)
    {
        IRecordFormat[] matches = [.. All(promptFormat).Where(format => format.Matches(record))];
        return matches.Length switch
        {
            1 => matches[0],
            0 => throw new RecordFaultException(
                $"the first record is {RecordFields.Kind(record)} without the fields of any known format; it needs 'messages', 'conversations', 'instruction' and 'output', 'prompt' and 'completion', or 'chosen' and 'rejected'"),
            _ => throw new RecordFaultException(
                $"the first record has the fields of more than one format ({string.Join(", ", matches.Select(match => match.Format))}); say which is meant ({nameof(DatasetOptions)}.{nameof(DatasetOptions.Format)}, --data-format)"),
        };
    }

    private static IRecordFormat[] All(PromptFormat? promptFormat) =>
        [new AlpacaFormat(promptFormat == PromptFormat.Alpaca), new ShareGptFormat(), new ChatFormat(), new PromptCompletionFormat(), new PreferenceFormat()];
}
