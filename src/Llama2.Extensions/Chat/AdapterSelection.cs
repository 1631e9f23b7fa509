using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>
/// The adapters that a client offers by name. A request selects an adapter by its name, <c>"poems"</c>, or by its name and another scale,
/// <c>"poems=0.5"</c>.
/// </summary>
/// <param name="named">The adapters by name, each with the scale that applies unless a request states another.</param>
internal sealed class AdapterSelection(IReadOnlyDictionary<string, LlamaAdapterUse> named)
{
    /// <summary>The adapters of a request that chooses no adapters: all adapters except those with scale 0.</summary>
    public IReadOnlyList<LlamaAdapterUse> Default { get; } = [.. named.Values.Where(use => use.Scale != 0)];

    /// <summary>
    /// Reads the adapters that a request selects: a list of adapters, one name, a list of names, or JSON that contains one name or a list of names.
    /// With an empty list, the model runs without adapters.
    /// </summary>
    /// <exception cref="ArgumentException">No adapter has a given name, or a scale is not a number from -100 to 100.</exception>
    /// <exception cref="InvalidCastException">The value contains something that is neither an adapter nor a name.</exception>
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
