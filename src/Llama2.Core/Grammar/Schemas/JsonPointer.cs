using System.Globalization;
using System.Text.Json;

namespace Llama2.Grammar.Schemas;

/// <summary>JSON pointers (RFC 6901).</summary>
internal static class JsonPointer
{
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>Splits a JSON pointer into its names. The pointer was the fragment of a URI, and is given without its first slash.</summary>
    public static string[] Split(string fragment) =>
        [.. fragment.Split('/').Select(name => Uri.UnescapeDataString(name).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    /// <summary>Finds the member of an object that has the given name, or the element of an array that has the given index.</summary>
    public static bool TryStep(JsonElement element, string name, out JsonElement value)
    {
        if (element.ValueKind == JsonValueKind.Object)
            return element.TryGetProperty(name, out value);
        bool isFound = element.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < element.GetArrayLength();
        value = isFound ? element[int.Parse(name, CultureInfo.InvariantCulture)] : default;
        return isFound;
    }
}
