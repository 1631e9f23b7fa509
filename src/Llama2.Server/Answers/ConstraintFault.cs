using Llama2.Server.Errors;
using Llama2.Server.Requests;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Answers;

/// <summary>Finds the field of a chat request that causes an <see cref="OutputConstraintException"/>.</summary>
internal static class ConstraintFault
{
    /// <summary>The error to report.</summary>
    /// <param name="request">The request.</param>
    /// <param name="exception">What the client threw.</param>
    /// <param name="hasBegun">Whether tokens had been generated; an allowed number of tokens that is too low is found before.</param>
    public static RequestException Of(ChatRequest request, OutputConstraintException exception, bool hasBegun)
    {
        string path = string.IsNullOrEmpty(exception.Path) ? "" : $" The place in the schema is {exception.Path}.";
        if (!hasBegun && request.LimitField is { } limit && exception is { Path: null, InnerException: null } && !IsOfSchema(request.Options))
            return RequestException.Invalid(limit, $"'{limit}' is too low: {exception.Message}", "out_of_range");
        return IsOfTools(request.Options)
            ? RequestException.Invalid(ToolFields.ToolsField, exception.Message + path, "invalid_function_parameters")
            : RequestException.Invalid(request.FormatField, exception.Message + path, "invalid_schema");
    }

    // With both tools and a schema, one constraint contains both; checking the schema alone shows which of them is at fault.
    private static bool IsOfTools(ChatOptions options)
    {
        if (options.Tools is not { Count: > 0 } || options.ToolMode is NoneChatToolMode)
            return false;
        return !IsOfSchema(options);
    }

    // Whether the schema alone cannot be used, for example because it is too long.
    private static bool IsOfSchema(ChatOptions options)
    {
        if (options.ResponseFormat is not ChatResponseFormatJson { Schema: { } schema })
            return false;
        try
        {
            OutputConstraint.JsonSchema(schema);
            return false;
        }
        catch (OutputConstraintException)
        {
            return true;
        }
    }
}
