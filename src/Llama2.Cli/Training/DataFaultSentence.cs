using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>Messages about data, in which the command's options and words stand in place of the library's.</summary>
internal static class DataFaultSentence
{
    private static readonly (string Property, string Option)[] s_options =
    [
        (nameof(DatasetOptions.MaxPairLength), "--batch-tokens"),
        (nameof(DatasetOptions.MaxLength), "--batch-tokens"),
        (nameof(DatasetOptions.LongSamples), "--long-samples"),
        (nameof(DatasetOptions.InvalidRecords), "--skip-invalid"),
        (nameof(DatasetOptions.PromptFormat), "--format"),
        (nameof(DatasetOptions.Format), "--data-format"),
        (nameof(DatasetOptions.FieldNames), "--field"),
        (nameof(DatasetOptions.RoleNames), "--role"),
        (nameof(DatasetOptions.IgnoredFields), "--ignore-field"),
        (nameof(DatasetOptions.ReadRatings), "--method kto"),
    ];

    public static string Of(string message)
    {
        foreach ((string property, string option) in s_options)
        {
            message = message.Replace($"{nameof(DatasetOptions)}.{property}", option, StringComparison.Ordinal);
        }

        foreach (DatasetFormat format in Enum.GetValues<DatasetFormat>().OrderByDescending(format => format.ToString().Length))
        {
            message = message.Replace($"{nameof(DatasetFormat)}.{format}", DataFormatWord.Of(format), StringComparison.Ordinal);
        }

        return message;
    }
}
