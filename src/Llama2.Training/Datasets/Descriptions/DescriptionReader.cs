using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Descriptions;

/// <summary>
/// Reads the description of a data set as LLaMA-Factory does (its data/README.md). Entries that it ignores or loads from elsewhere are refused, because the
/// author of the description expects an effect.
/// </summary>
internal sealed class DescriptionReader
{
    private const string Download = "download the data, and name their file as 'file_name'";

    private static readonly Dictionary<string, string> s_refused = new(StringComparer.Ordinal)
    {
        ["hf_hub_url"] = Download,
        ["ms_hub_url"] = Download,
        ["om_hub_url"] = Download,
        ["cloud_file_name"] = Download,
        ["script_url"] = "scripts are not run: save the data that the script creates, and name their file as 'file_name'",
        ["subset"] = "a file has no subsets: name the file of the subset as 'file_name'",
        ["folder"] = "it is for data on a hub: name the folder as 'file_name'",
        ["split"] = "a file has one split, 'train': name the file of the split as 'file_name', or use a part of the data with 'num_samples'",
    };

    // The form's field for each column, and the column's name in the data where the description has no 'columns'.
    private static readonly (string Column, string Field, string? Default)[] s_columns =
    [
        ("prompt", "instruction", "instruction"), ("query", "input", "input"), ("response", "output", "output"), ("history", "history", null), ("messages", "conversations", "conversations"),
        ("system", "system", null), ("tools", "tools", null), ("images", "images", null), ("videos", "videos", null), ("audios", "audios", null), ("chosen", "chosen", null),
        ("rejected", "rejected", null), ("kto_tag", "kto_tag", null),
    ];

    private static readonly string[] s_ofAlpaca = ["prompt", "query", "response", "history"], s_ofPairs = ["chosen", "rejected"];

    // The role of each tag, and the author's name where the description has no 'tags'.
    private static readonly (string Tag, string Role, string Default)[] s_tags =
    [
        ("user_tag", "human", "human"), ("assistant_tag", "gpt", "gpt"), ("observation_tag", "observation", "observation"), ("function_tag", "function_call", "function_call"), ("system_tag", "system", "system"),
    ];

    private readonly string _path;
    private readonly string _name;
    private readonly long _line;
    private readonly List<DescriptionField> _fields;

    private DescriptionReader(string path, string name)
    {
        (_path, _name) = (path, name);
        _fields = DescriptionFile.Read(path, name, out _line);
    }

    /// <summary>Reads a description.</summary>
    /// <param name="path">The file of descriptions.</param>
    /// <param name="name">The data set; it may be empty if the file describes one only.</param>
    /// <exception cref="TrainingDataException">The description is missing or malformed, or says something that is not supported; the message names field and line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DatasetDescription Read(string path, string name)
    {
        var reader = new DescriptionReader(path, name);
        try
        {
            return reader.Read();
        }
        catch (InvalidOperationException)
        {
            throw new TrainingDataException(path, reader._line, "the description has a text that is not UTF-8, or contains half of a surrogate pair; correct it");
        }
    }

    private DatasetDescription Read()
    {
        Check();
        bool isConversation = Formatting(), isPair = Find("ranking") is { } ranking && Flag(ranking);
        Dictionary<string, DescriptionField> columns = Columns(isConversation, isPair);
        bool isText = !isConversation && !isPair && !columns.ContainsKey("response");
        if (isText && columns.Values.FirstOrDefault(column => column.Name is not "columns.prompt") is { } other)
        {
            throw Fault(other, "is used only together with an answer: name the answers as 'columns.response', or, for documents, 'columns.prompt' alone");
        }

        DescriptionField? count = Find("num_samples");
        return new DatasetDescription
        {
            Path = _path,
            Files = Files(),
            Format = isPair ? DatasetFormat.Preference : isConversation ? DatasetFormat.ShareGpt : isText ? DatasetFormat.TextRecords : DatasetFormat.Alpaca,
            Fields = columns.ToDictionary(column => isText ? "text" : s_columns.First(known => known.Column == column.Key).Field, column => column.Value.Value.GetString()!),
            MessageFields = isConversation ? new Dictionary<string, string> { ["from"] = Tag("role_tag", "from"), ["value"] = Tag("content_tag", "value") } : new Dictionary<string, string>(),
            Roles = isConversation ? Roles() : new Dictionary<string, string>(),
            Columns = [.. columns.Values.Where(column => column.Line > 0)],
            SampleCount = count is null ? null : count.Value.ValueKind == JsonValueKind.Number && count.Value.TryGetInt32(out int value) && value > 0 ? value : throw Fault(count, Invariant($"is {Quote(count)}; it must be a whole number above 0")),
            SampleCountLine = count?.Line ?? 0,
        };
    }

    // Refuses what is not supported, and what LLaMA-Factory does not know: it would have no effect, although its author expects one.
    private void Check()
    {
        string[] known = ["file_name", "formatting", "ranking", "num_samples", "columns", "tags", .. s_columns.Select(column => $"columns.{column.Column}"), "tags.role_tag", "tags.content_tag", .. s_tags.Select(tag => $"tags.{tag.Tag}")];
        foreach (DescriptionField field in _fields.Where(field => field.Value.ValueKind != JsonValueKind.Null))
        {
            if (s_refused.TryGetValue(field.Name, out string? remedy) && !(field.Name == "split" && field.Value.ValueKind == JsonValueKind.String && field.Value.ValueEquals("train"u8)))
            {
                throw Fault(field, $"is not supported: {remedy}, and remove this field");
            }

            if (!known.Contains(field.Name) && !s_refused.ContainsKey(field.Name))
            {
                throw Fault(field, $"is not a field of a description, and has no effect in LLaMA-Factory; remove or correct it: the fields here are {string.Join(", ", known.Where(name => field.Name.Contains('.', StringComparison.Ordinal) ? name.StartsWith(field.Name.Split('.')[0] + ".", StringComparison.Ordinal) : !name.Contains('.', StringComparison.Ordinal)))}");
            }
        }
    }

    private bool Formatting()
    {
        if (Find("formatting") is not { } formatting)
        {
            return false;
        }

        return Text(formatting) switch
        {
            "alpaca" => false,
            "sharegpt" => true,
            "openai" => throw Fault(formatting, "is 'openai', with which LLaMA-Factory adds the sentence \"detailed thinking off\" to system messages; write 'sharegpt', with the tags \"role_tag\": \"role\", \"content_tag\": \"content\", \"user_tag\": \"user\", \"assistant_tag\": \"assistant\" and \"system_tag\": \"system\""),
            _ => throw Fault(formatting, $"is {Quote(formatting)}; it must be 'alpaca' or 'sharegpt'"),
        };
    }

    // As in LLaMA-Factory, a description with 'columns' uses these and no others; without them, those of the form. A column that the description states has a
    // line.
    private Dictionary<string, DescriptionField> Columns(bool isConversation, bool isPair)
    {
        bool areStated = Find("columns") is not null;
        var columns = new Dictionary<string, DescriptionField>(StringComparer.Ordinal);
        foreach ((string column, _, string? standard) in s_columns)
        {
            bool isUsed = column == "messages" ? isConversation : s_ofAlpaca.Contains(column) ? !isConversation && !(isPair && column == "response") : !s_ofPairs.Contains(column) || isPair;
            DescriptionField? stated = Find($"columns.{column}");
            if (stated is not null)
            {
                columns[column] = isUsed ? stated : throw Fault(stated, s_ofPairs.Contains(column)
                    ? "is for pairs of answers: add \"ranking\": true to the description, or remove this column"
                    : $"is not used with {(isPair && column == "response" ? "\"ranking\": true" : $"the formatting '{(isConversation ? "sharegpt" : "alpaca")}'")}: correct the formatting, or remove this column");
                _ = Text(stated);
            }
            else if (isUsed && !areStated && standard is not null)
            {
                columns[column] = new DescriptionField(column, 0, JsonElement.Parse($"\"{standard}\""));
            }
        }

        if (columns.GroupBy(column => column.Value.Value.GetString()).FirstOrDefault(group => group.Count() > 1) is { } repeated)
        {
            throw Fault(repeated.Last().Value, $"names the same column as '{repeated.First().Value.Name}'; a column is used once, so correct one of the two");
        }

        foreach (string needed in isPair ? [.. s_ofPairs, isConversation ? "messages" : "prompt"] : (string[])[isConversation ? "messages" : "prompt"])
        {
            if (!columns.ContainsKey(needed))
            {
                throw new TrainingDataException(_path, Find("columns")?.Line ?? _line, $"'columns.{needed}' is missing; add the name of the column to 'columns'");
            }
        }

        return columns;
    }

    // As in LLaMA-Factory, a description with 'tags' knows these authors and no others.
    private Dictionary<string, string> Roles()
    {
        var roles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string tag, string role, string standard) in s_tags)
        {
            DescriptionField? stated = Find($"tags.{tag}");
            if ((stated is not null || Find("tags") is null) && !roles.TryAdd(stated is null ? standard : Text(stated), role))
            {
                throw Fault(stated!, $"is {Quote(stated!)}, like another tag; give each author a different name");
            }
        }

        return roles;
    }

    private string Tag(string tag, string standard) =>
        Find($"tags.{tag}") is { } stated ? Text(stated)
        : Find("tags") is { } tags ? throw Fault(tags, $"lacks '{tag}', which LLaMA-Factory needs if there are tags; add it, such as \"{tag}\": \"{standard}\"")
        : standard;

    private List<string> Files()
    {
        DescriptionField field = Find("file_name") ?? throw new TrainingDataException(_path, _line, $"'file_name' is missing in the description{(_name.Length == 0 ? "" : $" of '{_name}'")}; add the name of the file with the data");
        string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(_path) ?? "", Text(field));
        List<string> files = Directory.Exists(path) ? [.. Directory.GetFiles(path).Order(StringComparer.Ordinal)] : File.Exists(path) ? [path] : throw Fault(field, $"is {Quote(field)}, and there is no file or folder '{path}'; correct the path, which is relative to the folder of this file");
        return files.Count > 0 ? files : throw Fault(field, $"is {Quote(field)}, a folder without files; put the data there");
    }

    // A field that is null counts as missing.
    private DescriptionField? Find(string name) => _fields.Find(field => field.Name == name && field.Value.ValueKind != JsonValueKind.Null);

    private string Text(DescriptionField field) => field.Value.ValueKind == JsonValueKind.String && field.Value.GetString() is { Length: > 0 } text ? text : throw Fault(field, $"is {Quote(field)}; it must be a text that is not empty");

    private bool Flag(DescriptionField field) => field.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? field.Value.GetBoolean() : throw Fault(field, $"is {Quote(field)}; it must be true or false");

    private static string Quote(DescriptionField field) => Forms.FieldValue.Quote(field.Value).Replace('"', '\'');

    private TrainingDataException Fault(DescriptionField field, string what) => new(_path, field.Line, $"'{field.Name}' {what}");
}
