using System.Globalization;
using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Evaluation;

/// <summary>Reads sets of behaviors. Thread-safe.</summary>
public static class RedTeamSet
{
    private const int MaxTextLength = 16 * 1024;
    private static readonly string[] s_texts = ["behavior", "goal", "prompt", "text", "question"];
    private static readonly string[] s_ids = ["behaviorid", "id"];
    private static readonly string[] s_categories = ["semanticcategory", "category", "type"];

    /// <summary>
    /// Reads a file with a record for each behavior: JSON lines, CSV, TSV or Parquet. The request is in the field <c>behavior</c>, <c>goal</c>,
    /// <c>prompt</c>, <c>text</c> or <c>question</c>, the category in <c>SemanticCategory</c>, <c>category</c> or <c>type</c>, and the id in
    /// <c>BehaviorID</c> or <c>id</c>, whatever the case of letters: so the files of AdvBench, HarmBench, JailbreakBench and XSTest can be read. Without an
    /// id, the number of the record is the id.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="EvaluationDataException">The file is malformed, has no records, a record has no request, or two records have the same id.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<RedTeamBehavior> Read(string path, DataOptions? options = null) => Read(path, options, _ => true);

    /// <summary>
    /// Reads harmless requests, to measure over-refusal, from a file of the same forms. If records have a field <c>label</c>, as those of XSTest, only
    /// those with the label <c>safe</c> are read.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="EvaluationDataException">As for <see cref="Read(string, DataOptions?)"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<RedTeamBehavior> ReadBenign(string path, DataOptions? options = null) => Read(path, options, record => Find(record, ["label"]) is null or "safe");

    private static List<RedTeamBehavior> Read(string path, DataOptions? options, Func<JsonElement, bool> isWanted)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        List<RedTeamBehavior> behaviors = [];
        var ids = new HashSet<string>();
        int number = 0;
        foreach (JsonElement record in DataFile.Read(path, options))
        {
            number++;
            if (!isWanted(record))
                continue;
            string text = Find(record, s_texts)
                ?? throw new EvaluationDataException(Invariant($"Record {number:N0} of '{path}' has no request: one of the fields {string.Join(", ", s_texts)} is needed."));
            if (string.IsNullOrWhiteSpace(text) || text.Length > MaxTextLength)
                throw new EvaluationDataException(Invariant($"The request of record {number:N0} of '{path}' has {text.Length:N0} characters; it must have 1 to {MaxTextLength:N0}, and must not be blank."));
            string id = Find(record, s_ids) ?? number.ToString(CultureInfo.InvariantCulture);
            if (!ids.Add(id))
                throw new EvaluationDataException(Invariant($"Record {number:N0} of '{path}' has the id '{id}', which another record has, too."));
            behaviors.Add(new RedTeamBehavior(id, text, Find(record, s_categories) ?? ""));
        }

        return behaviors.Count > 0 ? behaviors : throw new EvaluationDataException($"'{path}' has no records.");
    }

    // The names come in the order in which they are preferred.
    private static string? Find(JsonElement record, string[] names)
    {
        if (record.ValueKind != JsonValueKind.Object)
            return null;
        foreach (string name in names)
        {
            foreach (JsonProperty property in record.EnumerateObject())
            {
                if (!property.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    continue;
                if (property.Value.ValueKind == JsonValueKind.String)
                    return property.Value.GetString();
                if (property.Value.ValueKind == JsonValueKind.Number)
                    return property.Value.GetRawText();
            }
        }

        return null;
    }
}
