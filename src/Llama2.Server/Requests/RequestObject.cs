using System.Text.Json;
using Llama2.Server.Errors;

namespace Llama2.Server.Requests;

/// <summary>
/// An object in a request's JSON. It keeps the fields that have not been taken, and <see cref="End"/> refuses them. So a field that the server does not know is
/// an error and is never ignored. A field with the value null counts as absent, because clients write null for options that are not set.
/// </summary>
internal sealed class RequestObject
{
    private readonly Dictionary<string, JsonElement> _fields = [];
    private readonly string _path;

    public RequestObject(RequestValue value)
    {
        _path = value.Path;
        foreach (JsonProperty field in value.Json.EnumerateObject())
            _fields[NameOf(field)] = field.Value;
    }

    /// <summary>The names of the fields that have not been taken.</summary>
    public IReadOnlyList<string> Names => [.. _fields.Keys];

    /// <summary>Takes all fields, for an object whose fields the request chooses.</summary>
    public Dictionary<string, object?> TakeAll()
    {
        Dictionary<string, object?> values = _fields.ToDictionary(field => field.Key, object? (field) => field.Value);
        _fields.Clear();
        return values;
    }

    /// <summary>Takes a field; null if it is absent or null.</summary>
    public RequestValue? Take(string name) =>
        _fields.Remove(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? new RequestValue(value, PathOf(name)) : null;

    /// <summary>A field that is taken later; null if it is absent or null.</summary>
    public RequestValue? Peek(string name) =>
        _fields.TryGetValue(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? new RequestValue(value, PathOf(name)) : null;

    /// <summary>Takes a field that must be present.</summary>
    public RequestValue Require(string name) =>
        Take(name) ?? throw RequestException.Invalid(PathOf(name), $"'{PathOf(name)}' is missing.", "missing_required_parameter");

    /// <summary>Takes texts that have no effect on the answer.</summary>
    public void TakeTexts(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            Take(name)?.Text();
    }

    /// <summary>Takes a field that only the named values may have, because others would ask for something that this server does not do.</summary>
    public void TakeOnly(string name, params ReadOnlySpan<string> allowed) => Take(name)?.Text(allowed);

    /// <summary>Refuses fields of OpenAI's protocol that this server does not support, unless they are absent or null.</summary>
    public void Refuse(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Take(name) is { } value)
                throw value.Refuse("is not supported by this server; leave it out.", "unsupported_parameter");
        }
    }

    /// <summary>Refuses the fields that were not taken.</summary>
    public void End()
    {
        if (_fields.Keys.FirstOrDefault() is { } name)
            throw RequestException.Invalid(PathOf(name), $"'{PathOf(name)}' is not a known field; leave it out.", "unknown_parameter");
    }

    private string PathOf(string name) => _path.Length == 0 ? ErrorText.Shorten(name) : $"{_path}.{ErrorText.Shorten(name)}";

    private string NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            throw RequestException.Invalid(
                _path.Length == 0 ? null : _path, "The name of a field has half of a surrogate pair, which is not a character.", "unknown_parameter");
        }
    }
}
