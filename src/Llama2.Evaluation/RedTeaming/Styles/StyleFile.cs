using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Evaluation.RedTeaming.Styles;

/// <summary>Reads styles from JSON files.</summary>
internal static class StyleFile
{
    private const long MaxByteSize = 16 << 20;
    private const int MaxTurnCount = 32;
    private const int MaxTextLength = 16 * 1024;
    private const int MaxNameLength = 64;

    public static ScriptedStyle ReadScript(string path)
    {
        JsonElement root = Read(path);
        if (!root.TryGetProperty("turns", out JsonElement turns) || turns.ValueKind != JsonValueKind.Array || turns.GetArrayLength() is < 1 or > MaxTurnCount)
            throw new EvaluationDataException($"The script '{path}' needs a list \"turns\" with 1 to {MaxTurnCount} texts.");
        string[] texts = [.. turns.EnumerateArray().Select((turn, index) => Text(turn, path, $"turn {index + 1}"))];
        return texts.Any(text => text.Contains(ScriptedStyle.Placeholder, StringComparison.Ordinal))
            ? new ScriptedStyle(NameOf(root, path), DescriptionOf(root, path), texts)
            : throw new EvaluationDataException($"No turn of the script '{path}' contains {ScriptedStyle.Placeholder}, the place of the request.");
    }

    public static TranslationStyle ReadTranslation(string path)
    {
        JsonElement root = Read(path);
        Dictionary<string, string> behaviors = Table(root, "behaviors", path), words = Table(root, "words", path);
        return behaviors.Count + words.Count > 0
            ? new TranslationStyle(NameOf(root, path), DescriptionOf(root, path), behaviors, words.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => pair.Value))
            : throw new EvaluationDataException($"The table '{path}' needs an object \"behaviors\" or \"words\" with translations.");
    }

    private static JsonElement Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length > MaxByteSize)
            throw new EvaluationDataException(Invariant($"'{path}' has {file.Length:N0} bytes; at most {MaxByteSize:N0} are read."));
        try
        {
            using JsonDocument document = JsonDocument.Parse(file);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new EvaluationDataException($"'{path}' has to be a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new EvaluationDataException($"'{path}' is not JSON: {exception.Message}", exception);
        }
    }

    private static string NameOf(JsonElement root, string path)
    {
        string name = root.TryGetProperty("name", out JsonElement value) ? Text(value, path, "name") : Path.GetFileNameWithoutExtension(path);
        return name.Length <= MaxNameLength ? name : throw new EvaluationDataException(Invariant($"The name in '{path}' has {name.Length:N0} characters; at most {MaxNameLength} are allowed."));
    }

    private static string DescriptionOf(JsonElement root, string path)
        => root.TryGetProperty("description", out JsonElement value) ? Text(value, path, "description") : $"Read from {Path.GetFileName(path)}.";

    private static Dictionary<string, string> Table(JsonElement root, string name, string path)
    {
        var table = new Dictionary<string, string>();
        if (root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in value.EnumerateObject())
                table[property.Name] = Text(property.Value, path, $"{name}.{property.Name}");
        }

        return table;
    }

    private static string Text(JsonElement value, string path, string what)
    {
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is { Length: > 0 and <= MaxTextLength } && !string.IsNullOrWhiteSpace(text)
            ? text
            : throw new EvaluationDataException(Invariant($"In '{path}', {what} has to be a text of 1 to {MaxTextLength:N0} characters that is not blank."));
    }
}
