using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>The named adapters of a client, and the selection by requests: <c>"poems"</c>, or <c>"poems=0.5"</c> with another scale.</summary>
/// <param name="named">The adapters, each with the scale that applies unless a request states one.</param>
internal sealed class AdapterSelection(IReadOnlyDictionary<string, LlamaAdapterUse> named)
{
    /// <summary>The adapters of a request that chooses none: all except those with scale 0.</summary>
    public IReadOnlyList<LlamaAdapterUse> Default { get; } = [.. named.Values.Where(use => use.Scale != 0)];

    /// <summary>
    /// Reads the selection of a request: adapters, their names, or names that were stored as JSON. An empty selection means the model without
    /// adapters.
    /// </summary>
    /// <exception cref="ArgumentException">There is no adapter with the name, or a scale is not a number in the range.</exception>
    /// <exception cref="InvalidCastException">The value is neither adapters nor names.</exception>
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
