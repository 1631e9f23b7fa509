using System.Text.Json;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Input;

/// <summary>One line of the judge command's input: a prompt, and a model's answer to it.</summary>
internal readonly record struct JudgedAnswer(string Prompt, string Answer)
{
    /// <summary>Parses a line; other members are ignored.</summary>
    /// <exception cref="CommandException">
    /// The line is not UTF-8, is not JSON, lacks a string <c>prompt</c> or <c>answer</c>, or has too many values for its length.
    /// </exception>
    public static JudgedAnswer Parse(ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = JsonLine.Parse(line);
        return new JudgedAnswer(Text(document.RootElement, "prompt"), Text(document.RootElement, "answer"));
    }

    private static string Text(JsonElement line, string name) =>
        line.ValueKind == JsonValueKind.Object && line.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? JsonText.Read(value)
            : throw new CommandException($"not an object with a string \"{name}\".");
}
