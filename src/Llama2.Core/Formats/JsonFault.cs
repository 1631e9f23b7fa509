using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Formats;

/// <summary>Describes what is wrong with JSON, and where. The parser's own messages refer to parser options, which the user of a file cannot change.</summary>
internal static class JsonFault
{
    /// <summary>The maximum nesting depth of a document if its reader sets no other limit; this is the parser's own default.</summary>
    public const int DefaultMaxDepth = 64;

    /// <summary>Whether an exception is caused by the content of the JSON.</summary>
    public static bool IsOne(Exception exception) => exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException;

    /// <summary>Describes the fault in a sentence without its full stop.</summary>
    /// <param name="exception">
    /// The parser's exception, or a <see cref="JsonException"/> that has only a message; this message is then returned.
    /// </param>
    /// <param name="json">The text that was parsed.</param>
    /// <param name="maxDepth">The maximum nesting depth.</param>
    public static string Describe(Exception exception, ReadOnlySpan<byte> json, int maxDepth = DefaultMaxDepth) => exception switch
    {
        JsonException { Path: { } path } => $"{Member(path)} lacks a member, or has one of the wrong type or one that does not belong there",
        JsonException { LineNumber: { } line, BytePositionInLine: { } position } => DescribeAt(json, line, position, maxDepth),
        KeyNotFoundException => "a member is missing",
        FormatException => "a number is not whole, or out of its range",
        InvalidOperationException => "a value has the wrong type, or a text is not valid Unicode",
        _ => exception.Message.Split(" (Parameter '")[0].TrimEnd('.'),
    };

    private static string DescribeAt(ReadOnlySpan<byte> json, long line, long position, int maxDepth)
    {
        int offset = OffsetOf(json, line, position);
        string place = json.Contains((byte)'\n') ? Invariant($"line {line + 1:N0}, byte {position + 1:N0}") : Invariant($"byte {position + 1:N0}");
        if (DepthAt(json, offset) > maxDepth)
            return Invariant($"{place}: objects and arrays are nested more than {maxDepth} deep");
        if (json[offset..].Trim(" \t\r\n"u8).IsEmpty)
            return $"{place}: the JSON ends too early";
        byte found = json[offset];
        string shown = found is > 0x20 and < 0x7F ? $"'{(char)found}'" : Invariant($"the byte 0x{found:X2}");
        return $"{place}: {shown} does not belong there, or something is missing before it";
    }

    private static int OffsetOf(ReadOnlySpan<byte> json, long line, long position)
    {
        int offset = 0;
        for (; line > 0 && json[offset..].IndexOf((byte)'\n') is >= 0 and var length; line--)
            offset += length + 1;
        return (int)Math.Min(offset + position, json.Length);
    }

    // The nesting depth at an offset; a bracket at the offset itself is counted.
    private static int DepthAt(ReadOnlySpan<byte> json, int offset)
    {
        int depth = 0;
        bool isInText = false;
        for (int i = 0; i < Math.Min(offset + 1, json.Length); i++)
        {
            if (isInText && json[i] == (byte)'\\')
                i++;
            else if (json[i] == (byte)'"')
                isInText = !isInText;
            else if (!isInText)
                depth += json[i] is (byte)'[' or (byte)'{' ? 1 : json[i] is (byte)']' or (byte)'}' ? -1 : 0;
        }

        return depth;
    }

    // $.messages[0].role → 'messages[0].role'
    private static string Member(string path) => path.StartsWith("$.", StringComparison.Ordinal) ? $"'{path[2..]}'" : "the document";
}
