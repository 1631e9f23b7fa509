using System.Text.RegularExpressions;
using Llama2.Training;

namespace Llama2.Cli.Terminal;

/// <summary>
/// Messages of the library name its members, with the option of the command beside them if the command has one: <c>(TrainingOptions.BatchTokenCount,
/// --batch-tokens)</c>. In messages of the command only the options remain.
/// </summary>
internal static partial class OptionNames
{
    // The types whose members messages name. Words that a user wrote are hardly taken for one of them.
    private const string Type = @"[A-Z]\w*(Options|Format|Model|Merger)";

    // Properties that have no option beside them in messages, because they are named differently.
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

    /// <summary>Returns a message of the library as a message of the command.</summary>
    public static string Translate(string message)
    {
        message = DatasetMember().Replace(message, match =>
            Array.Find(s_options, entry => entry.Property == match.Groups["property"].Value).Option
            ?? (Enum.TryParse(match.Groups["format"].Value, out DatasetFormat format) ? DataFormatWord.Of(format) : match.Value));
        message = MemberBesideOption().Replace(message, "(");
        message = LibraryLimit().Replace(message, "; take a part of it");
        return MemberAlone().Replace(message, "");
    }

    [GeneratedRegex(@"\b(DatasetOptions\.(?<property>\w+)|DatasetFormat\.(?<format>\w+))")]
    private static partial Regex DatasetMember();

    // (TrainingOptions.BatchTokenCount, --batch-tokens) and (AdapterMerger, llama2 adapter merge), up to the comma.
    [GeneratedRegex($@"\({Type}(\.[A-Z]\w+)?, (or )?(?=--|llama2 )")]
    private static partial Regex MemberBesideOption();

    // A limit that only programs can raise.
    [GeneratedRegex($@"; if [^;.]+, allow more with {Type}\.[A-Z]\w+")]
    private static partial Regex LibraryLimit();

    // Another way, or the name of a limit, for programs only.
    [GeneratedRegex($@"(, or [^,;()]+)? \({Type}\.[A-Z]\w+\)")]
    private static partial Regex MemberAlone();
}
