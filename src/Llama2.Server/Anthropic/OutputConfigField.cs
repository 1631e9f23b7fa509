using Llama2.Server.Requests;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Anthropic;

/// <summary>Reads <c>output_config</c> into <see cref="ChatOptions"/>.</summary>
internal static class OutputConfigField
{
    /// <summary>The field with the schema of the answer.</summary>
    public const string SchemaPath = "output_config.format.schema";

    /// <summary>Reads the field.</summary>
    public static void Read(RequestObject body, ChatOptions options)
    {
        if (body.Take("output_config") is not { } value)
            return;
        RequestObject config = value.Object();
        // The default of Anthropic's protocol; other values ask for more or less thinking.
        config.TakeOnly("effort", "high");
        if (config.Take("format") is { } format)
            options.ResponseFormat = ReadFormat(format);
        config.End();
    }

    private static ChatResponseFormatJson ReadFormat(RequestValue value)
    {
        RequestObject format = value.Object();
        format.Require("type").Text("json_schema");
        RequestValue schema = format.Require("schema");
        format.End();
        return schema.IsObject ? ChatResponseFormat.ForJsonSchema(schema.Copy()) : throw schema.WrongType("a JSON Schema");
    }
}
