using System.Globalization;
using System.Text.Json;
using Llama2.Templating.Characters;

namespace Llama2.Evaluation.Harness.Yaml;

/// <summary>A value in a task file, with its place. Immutable and thread-safe.</summary>
/// <param name="kind">Its kind.</param>
/// <param name="text">The text of a scalar, as it is in the file.</param>
/// <param name="file">The file.</param>
/// <param name="line">The line, from 1.</param>
internal sealed class YamlValue(YamlKind kind, string text, string file, long line)
{
    public YamlKind Kind => kind;

    /// <summary>The text of a scalar, as it is in the file; empty for a list or a map.</summary>
    public string Text => text;

    /// <summary>The file.</summary>
    public string File => file;

    /// <summary>The items of a list; empty for other kinds.</summary>
    public IReadOnlyList<YamlValue> Items { get; init; } = [];

    /// <summary>The entries of a map, in the file's order; empty for other kinds. No key occurs twice.</summary>
    public IReadOnlyList<KeyValuePair<string, YamlValue>> Entries { get; init; } = [];

    /// <summary>The value of a key; null if the map has no such key or its value is null.</summary>
    public YamlValue? Find(string key)
    {
        foreach ((string name, YamlValue value) in Entries)
        {
            if (name == key)
                return value.Kind == YamlKind.Null ? null : value;
        }

        return null;
    }

    /// <summary>A map with the entries of this one and of another one, whose entries take precedence.</summary>
    public YamlValue With(IEnumerable<KeyValuePair<string, YamlValue>> others)
    {
        var merged = new OrderedDictionary<string, YamlValue>(Entries);
        foreach ((string key, YamlValue value) in others)
            merged[key] = value;
        return new YamlValue(YamlKind.Map, "", file, line) { Entries = [.. merged] };
    }

    /// <summary>A map without some of its keys.</summary>
    public YamlValue Without(params IReadOnlyList<string> keys)
        => new(YamlKind.Map, "", file, line) { Entries = [.. Entries.Where(entry => !keys.Contains(entry.Key))] };

    /// <summary>The value as JSON.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        switch (kind)
        {
            case YamlKind.Null:
                writer.WriteNullValue();
                break;
            case YamlKind.Boolean:
                writer.WriteBooleanValue(YamlScalar.ToBoolean(text));
                break;
            case YamlKind.Integer when YamlScalar.TryToInteger(text, out long integer):
                writer.WriteNumberValue(integer);
                break;
            case YamlKind.Float when double.IsFinite(YamlScalar.ToDouble(text)):
                // As in Python, a float has a point or an exponent, so that templates print 1.0.
                writer.WriteRawValue(DoubleText.Shortest(YamlScalar.ToDouble(text)));
                break;
            case YamlKind.List:
                writer.WriteStartArray();
                foreach (YamlValue item in Items)
                    item.Write(writer);
                writer.WriteEndArray();
                break;
            case YamlKind.Map:
                writer.WriteStartObject();
                foreach ((string key, YamlValue value) in Entries)
                {
                    writer.WritePropertyName(key);
                    value.Write(writer);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteStringValue(kind == YamlKind.Function ? $"!function {text}" : text);
                break;
        }
    }

    /// <summary>The value as JSON.</summary>
    public JsonElement ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(writer);
        return JsonElement.Parse(stream.ToArray());
    }

    /// <summary>Creates the exception for a fault of this value.</summary>
    /// <param name="key">The value's key; null for the whole file.</param>
    /// <param name="what">What is wrong, the limit and the remedy: a sentence without its full stop.</param>
    /// <param name="cause">The cause, or null.</param>
    public HarnessTaskException Fault(string? key, string what, Exception? cause = null)
    {
        string message = string.Create(CultureInfo.InvariantCulture, $"Task file '{file}', line {line}{(key is null ? "" : $", '{key}'")}: {what}.");
        return cause is null ? new HarnessTaskException(file, key, message) : new HarnessTaskException(file, key, message, cause);
    }
}
