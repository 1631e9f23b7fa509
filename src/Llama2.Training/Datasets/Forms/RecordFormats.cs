namespace Llama2.Training.Datasets.Forms;

/// <summary>All formats of records, and the detection of a record's format.</summary>
internal sealed class RecordFormats(PromptFormat? promptFormat)
{
    private const int MaxShownCount = 12;

    // In the order of detection. A record that also has fields of a later format is of the earlier one; the other fields are then refused if they mean
    // something else.
    private readonly RecordFormat[] _all =
    [
        new SegmentFormat(), new PreferenceFormat(), new ConversationFormat(DatasetFormat.Chat), new ConversationFormat(DatasetFormat.ShareGpt), new AlpacaFormat(promptFormat == PromptFormat.Alpaca),
        new PromptCompletionFormat(), new TextFormat(),
    ];

    /// <summary>The reader of a format; null for plain text, which has no records.</summary>
    public RecordFormat? Find(DatasetFormat format) => Array.Find(_all, candidate => candidate.Format == format);

    /// <summary>Detects the format of the first record.</summary>
    /// <exception cref="RecordFaultException">The record has no known format.</exception>
    public RecordFormat Detect(RecordObject record) => Array.Find(_all, format => format.Matches(record)) ?? throw new RecordFaultException(
        HalfPair(record) ?? $"the first record does not have the fields of any known format; it has {Shown(record)}, and needs {string.Join(", or ", _all.Select(format => format.Needs))}; rename its fields{HintOf(record)}, or state their names ({nameof(DatasetOptions)}.{nameof(DatasetOptions.FieldNames)})");

    /// <summary>Checks that a record has the format of the records before it.</summary>
    /// <exception cref="RecordFaultException">The record has another format.</exception>
    public void RequireSame(RecordFormat format, RecordObject record)
    {
        if (!format.Matches(record) && Array.Find(_all, other => other.Matches(record)) is { } found)
        {
            throw new RecordFaultException(
                $"{format.Needs} is missing: the record has {Shown(record)}, the format {nameof(DatasetFormat)}.{found.Format}, and not {nameof(DatasetFormat)}.{format.Format}, which was requested or which the records before it have; put records of different formats into different files");
        }
    }

    // What to say about a record that has one answer of a pair only.
    private static string? HalfPair(RecordObject record)
    {
        foreach ((string chosen, string rejected) in ((string, string)[])[("chosen", "rejected"), ("chosen_response", "rejected_response"), ("preferred_output", "non_preferred_output")])
        {
            (bool hasChosen, bool hasRejected) = (record.FirstOf([chosen]) is not null, record.FirstOf([rejected]) is not null);
            if (hasChosen != hasRejected)
            {
                return $"{record.Place(hasChosen ? rejected : chosen)} is missing beside {record.Place(hasChosen ? chosen : rejected)}; add it, because preferences are learned from two answers";
            }
        }

        return null;
    }

    private static string Shown(RecordObject record)
    {
        string[] names = [.. record.Fields.Take(MaxShownCount + 1)];
        return names.Length == 0 ? "no fields" : string.Join(", ", names.Take(MaxShownCount).Select(name => $"'{(name.Length <= 40 ? name : name[..40] + "…")}'")) + (names.Length > MaxShownCount ? " …" : "");
    }

    private static string HintOf(RecordObject record) => record.Fields.Any(name => name.Any(char.IsUpper)) ? " (the names of the forms are in lower case)" : "";
}
