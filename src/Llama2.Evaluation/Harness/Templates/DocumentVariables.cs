using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Llama2.Templating.Values;

namespace Llama2.Evaluation.Harness.Templates;

/// <summary>The fields of a document as variables of a template. A field is only read if the template uses it.</summary>
/// <param name="document">The document, which is an object.</param>
internal sealed class DocumentVariables(JsonElement document) : IReadOnlyDictionary<string, TemplateValue>
{
    public IEnumerable<string> Keys => document.EnumerateObject().Select(member => member.Name);

    public IEnumerable<TemplateValue> Values => document.EnumerateObject().Select(member => JsonValue.Read(member.Value));

    public int Count => document.GetPropertyCount();

    public TemplateValue this[string key] => JsonValue.Read(document.GetProperty(key));

    public bool ContainsKey(string key) => document.TryGetProperty(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out TemplateValue value)
    {
        value = document.TryGetProperty(key, out JsonElement member) ? JsonValue.Read(member) : null;
        return value is not null;
    }

    public IEnumerator<KeyValuePair<string, TemplateValue>> GetEnumerator()
        => document.EnumerateObject().Select(member => KeyValuePair.Create(member.Name, JsonValue.Read(member.Value))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
