using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>The adapters that a client has by name, and what requests choose of them: <c>"poems"</c>, or <c>"poems=0.5"</c> with another scale.</summary>
/// <param name="named">Each with the scale that holds where a request gives none.</param>
internal sealed class AdapterSelection(IReadOnlyDictionary<string, LlamaAdapterUse> named)
{
    /// <summary>What a request that chooses none runs with: all but those of scale 0.</summary>
    public IReadOnlyList<LlamaAdapterUse> Default { get; } = [.. named.Values.Where(use => use.Scale != 0)];

    /// <summary>Reads what a request chooses: adapters, their names, or names that were stored as JSON. None of them chooses the model itself.</summary>
    /// <exception cref="ArgumentException">There is no adapter of the name, or a scale is no number in the range.</exception>
    /// <exception cref="InvalidCastException">It is neither adapters nor names.</exception>
    public IEnumerable<LlamaAdapterUse> Read(object value) => value switch
    {
        string name => [Find(name)],
        JsonElement { ValueKind: JsonValueKind.Array } names => [.. names.EnumerateArray().Select(name => Find(ReadName(name)))],
        JsonElement name => [Find(ReadName(name))],
        IEnumerable<string> names => [.. names.Select(Find)],
        _ => (IEnumerable<LlamaAdapterUse>)value,
    };

    private static string ReadName(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new InvalidCastException();

    private LlamaAdapterUse Find(string text)
    {
        string name = text;
        LlamaAdapterUse? use;
        if (named.TryGetValue(name, out use))
            return use;

        int separator = text.LastIndexOf('=');
        if (separator >= 0 && named.TryGetValue(name = text[..separator], out use))
        {
            return float.TryParse(text.AsSpan(separator + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out float scale)
                ? new LlamaAdapterUse(use.Adapter, scale)
                : throw new ArgumentException($"{Where} has '{text}': '{text[(separator + 1)..]}' is not a scale; write {name}=0.5.", nameof(text));
        }

        throw new ArgumentException(
            $"{Where} names the adapter '{name}'; " + (named.Count == 0 ? "the client has none." : $"the client has {string.Join(", ", named.Keys.Order(StringComparer.OrdinalIgnoreCase))}."),
            nameof(text));
    }

    private static string Where => $"{nameof(ChatOptions)}.{nameof(ChatOptions.AdditionalProperties)}[\"{nameof(GenerationOptions.Adapters)}\"]";
}
