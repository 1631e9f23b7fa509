using Microsoft.Extensions.AI;

namespace Llama2.Server.Requests;

/// <summary>Reads the format of an answer: <c>response_format</c> of chats, and <c>text.format</c> of responses.</summary>
internal static class ResponseFormatField
{
    /// <summary>The name of the field in requests of chats.</summary>
    public const string Name = "response_format";

    /// <summary>Reads the field of a chat; null if any text is allowed.</summary>
    public static ChatResponseFormat? Read(RequestObject body) => body.Take(Name) is { } value ? Read(value, isFlat: false) : null;

    /// <summary>Reads a format; null if any text is allowed.</summary>
    /// <param name="value">The format.</param>
    /// <param name="isFlat">Whether the fields of a schema are next to <c>type</c>, and not in an object <c>json_schema</c>.</param>
    public static ChatResponseFormat? Read(RequestValue value, bool isFlat)
    {
        RequestObject format = value.Object();
        ChatResponseFormat? read = format.Require("type").Text("text", "json_object", "json_schema") switch
        {
            "text" => null,
            "json_object" => ChatResponseFormat.Json,
            _ when isFlat => ReadSchema(format),
            _ => ReadSchema(format.Require("json_schema").Object()),
        };
        format.End();
        return read;
    }

    private static ChatResponseFormatJson ReadSchema(RequestObject format)
    {
        string name = format.Require("name").Name();
        string? description = format.Take("description")?.Text();
        // The answer fits the schema whether or not the request demands it.
        format.Take("strict")?.Flag();
        RequestValue? schema = format.Take("schema");
        format.End();
        return schema switch
        {
            null => ChatResponseFormat.Json,
            { IsObject: true } value => ChatResponseFormat.ForJsonSchema(value.Copy(), name, description),
            { } value => throw value.WrongType("a JSON Schema"),
        };
    }
}
