using System.Text.Json;
using System.Text.Unicode;
using Llama2.Cli.Terminal;
using Llama2.Formats;

namespace Llama2.Cli.Input;

/// <summary>One line of a JSON Lines file.</summary>
internal static class JsonLine
{
    /// <summary>Parses a line, using memory in proportion to its length.</summary>
    /// <exception cref="CommandException">The line is not UTF-8, not JSON, or JSON with very many short values.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        if (!Utf8.IsValid(line.Span))
            throw new CommandException("not UTF-8.");
        try
        {
            return JsonSize.HasTooManyValues(line.Span)
                ? throw new CommandException(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture, $"more than {JsonSize.MaxValueCount(line.Length):N0} values; remove the members that are not needed."))
                : JsonDocument.Parse(line);
        }
        catch (JsonException exception)
        {
            // The parser's own message counts lines within this line.
            throw new CommandException($"not a JSON object (byte {exception.BytePositionInLine + 1}).", exception);
        }
    }
}
