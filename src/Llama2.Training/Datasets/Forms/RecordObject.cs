using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Forms;

/// <summary>
/// An object of a record: the record itself, or a message in it. A field that is null counts as missing. The object knows which of its fields were
/// used, so that the others can be refused or reported. The message of an exception names the field.
/// </summary>
internal sealed class RecordObject
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly FieldNames _names;
    private readonly string _place;

    /// <param name="element">The object.</param>
    /// <param name="names">The names that the fields have in the file.</param>
    /// <param name="place">Where the object is in the record, such as <c>message 2 of 'messages'</c>; empty for the record itself.</param>
    /// <exception cref="RecordFaultException">The element is not an object, or has a field twice.</exception>
    public RecordObject(JsonElement element, FieldNames names, string place = "")
    {
        _place = place;
        _names = names;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new RecordFaultException($"{(place.Length == 0 ? "the record" : place)} is {FieldValue.Kind(element)}; an object is needed");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (names.IsIgnored(property.Name))
            {
                continue;
            }

            string name = names.OfForm(property.Name);
            if (!_fields.TryAdd(name, property.Value))
            {
                throw new RecordFaultException($"{Place(name)} is given twice; keep one of the two");
            }
        }
    }

    /// <summary>The names of the fields of this file.</summary>
    public FieldNames Names => _names;

    /// <summary>The names of all fields, as they are in the file.</summary>
    public IEnumerable<string> AllFields => _fields.Keys.Select(_names.OfFile);

    /// <summary>The names of the fields that are not null, as they are in the file.</summary>
    public IEnumerable<string> Fields => _fields.Where(entry => entry.Value.ValueKind != JsonValueKind.Null).Select(entry => _names.OfFile(entry.Key));

    /// <summary>The fields that were not used, and are not null.</summary>
    public IEnumerable<KeyValuePair<string, JsonElement>> Unused => _fields.Where(entry => entry.Value.ValueKind != JsonValueKind.Null && !_used.Contains(entry.Key));

    /// <summary>Whether the object has a field, which is then not null.</summary>
    public bool Has(string name) => _fields.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Whether the object has a field with a text that is not empty, such as "[]".</summary>
    public bool HasText(string name) => Has(name) && !FieldValue.IsBlank(_fields[name]);

    /// <summary>Whether the object has a field with a list or object that is not empty; it may be a text in JSON.</summary>
    public bool HasContent(string name) => Has(name) && !FieldValue.IsEmpty(_fields[name]);

    /// <summary>The first of several names that the object has; null if it has none of them.</summary>
    public string? FirstOf(IEnumerable<string> names) => names.FirstOrDefault(Has);

    /// <summary>The field's name and the object in which it is, for messages.</summary>
    public string Place(string name) => _place.Length == 0 ? $"'{_names.OfFile(name)}'" : $"'{_names.OfFile(name)}' of {_place}";

    /// <summary>Returns a field and marks it as used; null if the object does not have it.</summary>
    public JsonElement? Find(string name)
    {
        _used.Add(name);
        return Has(name) ? _fields[name] : null;
    }

    /// <summary>Returns a field without marking it as used; the object must have it.</summary>
    public JsonElement Peek(string name) => _fields[name];

    /// <summary>Marks a field as used.</summary>
    public void Use(string name) => _used.Add(name);

    /// <summary>Returns a field and marks it as used.</summary>
    /// <exception cref="RecordFaultException">The object does not have the field.</exception>
    public JsonElement Require(string name) => Find(name) ?? throw new RecordFaultException(_place.Length == 0
        ? $"{Place(name)} is missing; add it, or leave the record out"
        : $"{_place} has no '{_names.OfFile(name)}'; add it, or leave the record out");

    /// <summary>Returns a field's text, which must have characters other than white space.</summary>
    public string RequireText(string name)
    {
        string text = FieldValue.Text(Require(name), Place(name));
        return string.IsNullOrWhiteSpace(text)
            ? throw new RecordFaultException(_place.Length == 0 ? $"{Place(name)} is empty; fill it, or leave the record out" : $"{_place} is empty; fill it, or leave the record out")
            : text;
    }

    /// <summary>Returns a field's text; null if the object does not have the field.</summary>
    public string? FindText(string name) => Find(name) is { } value ? FieldValue.Text(value, Place(name)) : null;

    /// <summary>Returns a list, which may also be a text that is a list in JSON, as tables have it; null if the object does not have the field.</summary>
    /// <param name="name">The field.</param>
    /// <param name="content">What the list consists of, for messages.</param>
    public JsonElement? FindList(string name, string content) => Find(name) is { } value ? FieldValue.List(value, Place(name), content) : null;

    /// <summary>Returns a truth value: true or false, 1 or 0, or one of them as a text; null if the object does not have the field.</summary>
    public bool? FindFlag(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return FieldValue.Flag(value) ?? throw new RecordFaultException(Invariant($"{Place(name)} is {FieldValue.Quote(value)}; it must be true or false, or 1 or 0"));
    }
}
