using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>Converts <see cref="ChatOptions.ResponseFormat"/> to a constraint of the text, and to a sentence that tells the model about the format.</summary>
internal static class ResponseFormats
{
    /// <summary>The constraint; null if the format allows any text.</summary>
    /// <exception cref="OutputConstraintException">The schema is malformed, or has a keyword that cannot be enforced.</exception>
    /// <exception cref="NotSupportedException">The type of the format is unknown.</exception>
    public static OutputConstraint? ToConstraint(ChatResponseFormat? format, ConstraintCache constraints) => format switch
    {
        null or ChatResponseFormatText => null,
        ChatResponseFormatJson { Schema: { } schema } => constraints.JsonSchema(schema.GetRawText()),
        ChatResponseFormatJson => constraints.Json(),
        _ => throw new NotSupportedException(
            $"{nameof(ChatOptions)}.{nameof(ChatOptions.ResponseFormat)} is a {format.GetType().Name}, which is not supported: use text, JSON, or a JSON schema."),
    };

    /// <summary>The sentence for the system message; null if the format allows any text.</summary>
    public static string? Describe(ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson json)
            return null;
        if (json.Schema is not { } schema)
            return "Answer only with JSON.";
        string name = json.SchemaName is null ? "" : $", '{json.SchemaName}'";
        string description = json.SchemaDescription is null ? "" : $" ({json.SchemaDescription})";
        return $"Answer only with JSON that fits this JSON Schema{name}{description}: {CompactJson.Write(schema, withoutProperty: "$schema")}";
    }
}
