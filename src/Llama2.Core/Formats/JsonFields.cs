using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>
/// An object of a JSON file, read with checks: a member of the wrong type causes a <see cref="ModelFormatException"/> that states the file, the
/// member and its value. <c>Find…</c> returns null if a member is missing or null. As in Python's json module, a byte order mark is skipped, and of
/// several members with the same name only the last is used. A NaN or an Infinity is an error only if the member that contains it is read. Immutable
/// and thread-safe.
/// </summary>
internal sealed class JsonFields
{
    private const int ShownByteCount = 200;

    // An array of objects contains a tokenizer's steps or a model's chat templates, so it is short. The limit is needed because each object that is
    // read takes 200 bytes of memory, many times its size in the file.
    private const int MaxObjectCount = 1024;
    private readonly JsonElement _element;
    private readonly string _prefix;
    private readonly bool _mayRepeatNames;

    private JsonFields(string path, JsonElement element, string prefix, bool mayRepeatNames)
    {
        Path = path;
        _element = element;
        _prefix = prefix;
        _mayRepeatNames = mayRepeatNames;
    }

    /// <summary>The file, for error messages.</summary>
    public string Path { get; }

    /// <summary>The members in the file's order; of several members with the same name, only the last.</summary>
    public IEnumerable<JsonProperty> Members => _mayRepeatNames ? LastOfEachName() : (IEnumerable<JsonProperty>)_element.EnumerateObject();

    /// <summary>Reads a file whose content is one object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxByteSize">A larger file is refused before it is read; the parsed document takes up to four times this size in memory.</param>
    /// <exception cref="ModelFormatException">The file is too large, or is not JSON whose root is an object.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static JsonFields Read(string path, int maxByteSize)
    {
        using var source = new FileByteSource(path);
        if (source.Length > maxByteSize)
            throw new ModelFormatException(path, null, "file size", Invariant($"{source.Length:N0} bytes"), Invariant($"at most {maxByteSize:N0} are allowed"));

        byte[] bytes = new byte[source.Length];
        source.Read(0, bytes);
        return Parse(bytes, path);
    }

    /// <summary>Like <see cref="Read"/>, but returns null if the file does not exist.</summary>
    public static JsonFields? Find(string path, int maxByteSize) => File.Exists(path) ? Read(path, maxByteSize) : null;

    /// <summary>Parses an object; <paramref name="path"/> is the file, for error messages.</summary>
    /// <exception cref="ModelFormatException">The JSON is not an object, or is malformed.</exception>
    public static JsonFields Parse(ReadOnlyMemory<byte> bytes, string path)
    {
        ReadOnlyMemory<byte> json = bytes;
        try
        {
            json = PythonConstants.Quote(bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes);
            CheckTexts(json.Span, path);
            JsonElement root = ParseRoot(json, out bool repeatsNames);
            return root.ValueKind == JsonValueKind.Object
                ? new JsonFields(path, root, "", repeatsNames)
                : throw new ModelFormatException(path, 0, "JSON", Describe(root), "the file must contain one object");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException(path, null, "JSON", "malformed", $"{JsonFault.Describe(exception, json.Span)}: the file is damaged", exception);
        }
    }

    public int? FindInt32(string name) =>
        Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number
        : throw WrongType(name, value, "an integer");

    public int GetInt32(string name) => FindInt32(name) ?? throw Missing(name);

    public float? FindSingle(string name) =>
        Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && float.IsFinite(number) ? number
        : throw WrongType(name, value, "a number");

    public bool? FindBoolean(string name) =>
        Find(name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw WrongType(name, value, "true or false");

    public string? FindString(string name) =>
        Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw WrongType(name, value, "a string");

    public JsonFields? FindObject(string name) => Find(name) is { } value ? Object(name, value) : null;

    public JsonFields GetObject(string name) => FindObject(name) ?? throw Missing(name);

    /// <summary>The elements of an array of at most <see cref="MaxObjectCount"/> objects.</summary>
    public IEnumerable<JsonFields>? FindObjects(string name) =>
        FindArray(name) is not { } array ? null
        : array.GetArrayLength() <= MaxObjectCount ? array.EnumerateArray().Select((value, i) => Object(Invariant($"{name}[{i}]"), value))
        : throw Fault(name, Invariant($"{array.GetArrayLength():N0} elements"), Invariant($"at most {MaxObjectCount:N0} are allowed: the file is damaged"));

    /// <summary>An array with elements of any type.</summary>
    public JsonElement? FindArray(string name) =>
        Find(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array ? value
        : throw WrongType(name, value, "an array");

    /// <summary>A member of any type; null if it is missing or null.</summary>
    public JsonElement? Find(string name) =>
        _element.TryGetProperty(name, out JsonElement value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>Whether there is a member of this name; true even if its value is null.</summary>
    public bool Has(string name) => _element.TryGetProperty(name, out _);

    /// <summary>A member's value as an object.</summary>
    public JsonFields Object(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? new JsonFields(Path, value, $"{_prefix}{name}.", _mayRepeatNames) : throw WrongType(name, value, "an object");

    /// <summary>Creates the exception for a member of a wrong type.</summary>
    public ModelFormatException WrongType(string name, JsonElement value, string expected) => Fault(name, Describe(value), $"it must be {expected}");

    /// <summary>Creates the exception for a member with an invalid value.</summary>
    public ModelFormatException Fault(string name, string value, string limit) => new(Path, null, _prefix + name, value, limit);

    /// <summary>Creates the exception for a required member that is missing.</summary>
    public ModelFormatException Missing(string name) => Fault(name, "missing", "the file must state it");

    // The document is not disposed, because the elements use it. The garbage collector frees it when none of its elements is used any more.
    private static JsonElement ParseRoot(ReadOnlyMemory<byte> json, out bool repeatsNames)
    {
        repeatsNames = false;
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false }).RootElement;
        }
        catch (JsonException)
        {
            // The cause may be duplicate names, so the JSON is parsed again with duplicates allowed. If the exception has another cause, this second
            // attempt fails too.
            repeatsNames = true;
            return JsonDocument.Parse(json).RootElement;
        }
    }

    /// <summary>
    /// Checks JSON before it is parsed into a document. Its strings must be valid Unicode; without this check, the fault would be found only when a
    /// string is read. The JSON must not have more values than its length allows (<see cref="JsonSize"/>).
    /// </summary>
    /// <exception cref="ModelFormatException">The JSON does not meet these conditions.</exception>
    /// <exception cref="JsonException">The JSON is malformed.</exception>
    public static void CheckTexts(ReadOnlySpan<byte> bytes, string path)
    {
        if (!Utf8.IsValid(bytes))
        {
            int offset = Utf8Text.IndexOfInvalid(bytes);
            throw new ModelFormatException(path, offset, "text", Utf8Text.Describe(bytes[offset]), Utf8Text.Remedy);
        }

        long valueCount = 0, limit = JsonSize.MaxValueCount(bytes.Length);
        var reader = new Utf8JsonReader(bytes);
        while (reader.Read())
        {
            if (++valueCount > limit)
                throw new ModelFormatException(path, reader.TokenStartIndex, "the number of values", Invariant($"more than {limit:N0}"), "they would take many times the file's size in memory, and no model's file has so many short values");
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                reader.GetString();
        }
    }

    private OrderedDictionary<string, JsonProperty>.ValueCollection LastOfEachName()
    {
        var members = new OrderedDictionary<string, JsonProperty>(StringComparer.Ordinal);
        foreach (JsonProperty member in _element.EnumerateObject())
            members[member.Name] = member;
        return members.Values;
    }

    /// <summary>Describes the value at a reader's position, for an error message.</summary>
    public static string Describe(in Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"\"{Text(json)}\"",
        _ => Text(json),
    };

    private static string Text(in Utf8JsonReader json) =>
        Encoding.UTF8.GetString(json.ValueSpan[..Math.Min(json.ValueSpan.Length, ShownByteCount)]) + (json.ValueSpan.Length > ShownByteCount ? "…" : "");

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        _ => value.GetRawText(),
    };
}
