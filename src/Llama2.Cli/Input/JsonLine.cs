using System.Text.Json;
using System.Text.Unicode;
using Llama2.Cli.Terminal;
using Llama2.Formats;

namespace Llama2.Cli.Input;

/// <summary>One line of a JSON Lines file.</summary>
internal static class JsonLine
{
    /// <summary>Parses a line; the memory that this takes is proportional to the line's length.</summary>
    /// <exception cref="CommandException">The line is not UTF-8, is not JSON, or has too many values for its length.</exception>
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
            // The parser's own message is not used, because the line number in it counts from this line, not from the beginning of the file.
            throw new CommandException($"not a JSON object (byte {exception.BytePositionInLine + 1}).", exception);
        }
    }
}
