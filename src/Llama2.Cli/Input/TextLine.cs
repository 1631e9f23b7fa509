using System.Text.Json;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Input;

/// <summary>One line of a tokenizer's input: a JSON object with a text.</summary>
internal static class TextLine
{
    /// <summary>Returns the value of the member <c>text</c>; other members are ignored.</summary>
    /// <exception cref="CommandException">The line is not UTF-8, is not JSON, has no string <c>text</c>, or has too many values for its length.</exception>
    public static string Parse(ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = JsonLine.Parse(line);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("text"u8, out JsonElement text)
            || text.ValueKind != JsonValueKind.String)
        {
            throw new CommandException("not an object with a string \"text\".");
        }

        return JsonText.Read(text);
    }
}
