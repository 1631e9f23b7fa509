using System.Text.Json;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Input;

/// <summary>One line of the template command's input: a template, and a conversation to render with it.</summary>
internal sealed class TemplateCase : IDisposable
{
    private readonly JsonDocument _document;

    private TemplateCase(JsonDocument document, string template, JsonElement messages)
    {
        _document = document;
        Template = template;
        Messages = messages;
    }

    public string Template { get; }

    /// <summary>The conversation. It may be any JSON, because the template determines which JSON is valid.</summary>
    public JsonElement Messages { get; }

    /// <summary>The tools, if the line has any.</summary>
    public JsonElement Tools => _document.RootElement.TryGetProperty("tools"u8, out JsonElement tools) ? tools : default;

    public string? BeginOfSequence { get; private init; }

    public string? EndOfSequence { get; private init; }

    public bool AddGenerationPrompt { get; private init; }

    /// <summary>Parses a line; unknown members are ignored.</summary>
    /// <exception cref="CommandException">
    /// The line is not UTF-8, is not JSON, lacks a required member, has a member of the wrong type, or has too many values for its length.
    /// </exception>
    public static TemplateCase Parse(ReadOnlyMemory<byte> line)
    {
        JsonDocument document = JsonLine.Parse(line);
        try
        {
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("messages"u8, out JsonElement messages))
                throw new CommandException("not an object with \"template\" and \"messages\".");
            return new TemplateCase(document, Text(root, "template") ?? throw new CommandException("there is no string \"template\"."), messages)
            {
                BeginOfSequence = Text(root, "bos_token"),
                EndOfSequence = Text(root, "eos_token"),
                AddGenerationPrompt = Flag(root, "add_generation_prompt"),
            };
        }
        catch (CommandException)
        {
            document.Dispose();
            throw;
        }
    }

    public void Dispose() => _document.Dispose();

    private static string? Text(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw new CommandException($"\"{name}\" is not a string.");
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException exception)
        {
            // JSON may contain the escape of half of a surrogate pair (RFC 8259 §8.2), which is not valid text.
            throw new CommandException($"\"{name}\" has half of a surrogate pair.", exception);
        }
    }

    private static bool Flag(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement value))
            return false;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw new CommandException($"\"{name}\" is neither true nor false."),
        };
    }
}
