using System.Text.Json;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Input;

/// <summary>
/// Reads the declarations of tools: a JSON array of functions, or an object whose member <c>tools</c> is such an array. A function is declared as in
/// OpenAI's protocol (<c>{"type": "function", "function": {"name", "description", "parameters"}}</c>) or by the inner object alone.
/// </summary>
internal static class ToolsFile
{
    private static readonly string[] s_members = ["type", "function", "name", "description", "parameters", "strict"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">The file does not exist, is not JSON, or declares something other than functions.</exception>
    public static async Task<IReadOnlyList<LlamaTool>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string text = await TextFile.ReadAsync(InputPath.Require(path), cancellationToken).ConfigureAwait(false);
        try
        {
            JsonElement root = JsonElement.Parse(text);
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("tools"u8, out JsonElement tools))
                root = tools;
            if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() is 0 or > ToolFormat.MaxToolCount)
                throw new CommandException(Invariant($"'{path}' does not have an array of 1 to {ToolFormat.MaxToolCount} tools."));
            LlamaTool[] read = [.. root.EnumerateArray().Select((tool, index) => Read(tool, $"'{path}', tool {index + 1}"))];
            return new ChatSessionOptions { Tools = read }.Tools;
        }
        catch (JsonException exception)
        {
            throw new CommandException(Invariant($"'{path}' is not JSON: {exception.Message}"), exception);
        }
        catch (ArgumentException exception)
        {
            throw new CommandException($"'{path}': {ErrorSentence.Of(exception)}", exception);
        }
    }

    private static LlamaTool Read(JsonElement tool, string place)
    {
        Require(tool.ValueKind == JsonValueKind.Object, "a tool must be an object");
        foreach (JsonProperty member in tool.EnumerateObject())
            Require(s_members.Contains(member.Name), $"the member '{(member.Name.Length <= 40 ? member.Name : member.Name[..40] + "…")}' is not known");
        Require(!tool.TryGetProperty("type"u8, out JsonElement type) || (type.ValueKind == JsonValueKind.String && type.ValueEquals("function"u8)), "its type must be \"function\"");
        if (tool.TryGetProperty("function"u8, out JsonElement function))
        {
            Require(!function.ValueKind.Equals(JsonValueKind.Object) || !function.TryGetProperty("function"u8, out _), "a function cannot contain a function");
            return Read(function, place);
        }

        Require(tool.TryGetProperty("name"u8, out JsonElement name) && name.ValueKind == JsonValueKind.String, "it has no name");
        bool isDescribed = tool.TryGetProperty("description"u8, out JsonElement description);
        Require(!isDescribed || description.ValueKind == JsonValueKind.String, "its description must be a text");
        return new LlamaTool(name.GetString()!, isDescribed ? description.GetString()! : "", tool.TryGetProperty("parameters"u8, out JsonElement parameters) ? parameters : null);

        void Require(bool isFulfilled, string fault)
        {
            if (!isFulfilled)
                throw new CommandException($"{place}: {fault}; a tool is declared as {{\"name\": …, \"description\": …, \"parameters\": schema}}.");
        }
    }
}
