using System.Text.Json;

namespace Llama2.Guard.Policies;

/// <summary>Reads a policy from JSON. The limits of the policy's members bound what it allocates.</summary>
internal static class PolicyReader
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 8, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    public static GuardPolicy Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > GuardPolicy.MaxFileByteSize)
            throw new GuardException($"The policy has more than {GuardPolicy.MaxFileByteSize:N0} bytes. Shorten its guidelines.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, s_options);
            return ReadPolicy(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new GuardException($"The policy is not valid JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.", exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new GuardException("The policy has a text that is not valid UTF-8, or half of a surrogate pair.", exception);
        }
        catch (ArgumentException exception)
        {
            throw new GuardException($"The policy is not valid: {exception.Message}", exception);
        }
    }

    private static GuardPolicy ReadPolicy(JsonElement root)
    {
        string? name = null;
        List<GuardCategory>? categories = null;
        foreach (JsonProperty property in Members(root, "the policy"))
        {
            switch (property.Name)
            {
                case "name":
                    name = Text(property.Value, "name");
                    break;
                case "categories":
                    categories = [.. Items(property.Value, "categories", GuardPolicy.MaxCategoryCount).Select(ReadCategory)];
                    break;
                default:
                    throw Unknown(property.Name, "the policy");
            }
        }

        return new GuardPolicy(name ?? throw new GuardException("The policy has no name."), categories ?? throw new GuardException("The policy has no categories."));
    }

    private static GuardCategory ReadCategory(JsonElement element, int index)
    {
        string where = $"categories[{index}]";
        string? code = null, name = null;
        IReadOnlyList<string> shouldNot = [], can = [], should = [];
        foreach (JsonProperty property in Members(element, where))
        {
            string member = $"{where}.{property.Name}";
            switch (property.Name)
            {
                case "code":
                    code = Text(property.Value, member);
                    break;
                case "name":
                    name = Text(property.Value, member);
                    break;
                case "should_not":
                    shouldNot = Texts(property.Value, member);
                    break;
                case "can":
                    can = Texts(property.Value, member);
                    break;
                case "should":
                    should = Texts(property.Value, member);
                    break;
                default:
                    throw Unknown(property.Name, where);
            }
        }

        return new GuardCategory(code ?? throw new GuardException($"{where} has no code."), name ?? throw new GuardException($"{where} has no name."))
        {
            ShouldNot = shouldNot,
            Can = can,
            Should = should,
        };
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement element, string where) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : throw new GuardException($"{where} must be an object, and is {Describe(element)}.");

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string where, int maxCount)
    {
        if (element.ValueKind != JsonValueKind.Array)
            throw new GuardException($"{where} must be an array, and is {Describe(element)}.");
        int count = element.GetArrayLength();
        return count <= maxCount ? element.EnumerateArray() : throw new GuardException($"{where} has {count:N0} items; at most {maxCount} are allowed.");
    }

    private static string[] Texts(JsonElement element, string where) =>
        [.. Items(element, where, GuardCategory.MaxGuidelineCount).Select((item, index) => Text(item, $"{where}[{index}]"))];

    private static string Text(JsonElement element, string where) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw new GuardException($"{where} must be a string, and is {Describe(element)}.");

    private static GuardException Unknown(string name, string where) => new($"{where} has the unknown member '{(name.Length > 64 ? name[..64] + "…" : name)}'.");

    private static string Describe(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();
}
