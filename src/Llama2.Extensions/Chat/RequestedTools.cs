using Microsoft.Extensions.AI;

namespace Llama2.Extensions.Chat;

/// <summary>The tools that a request allows or requires the model to call.</summary>
internal sealed class RequestedTools
{
    // The maximum number of calls in an answer if a request allows several.
    private const int MaxCallCount = 16;
    private readonly ToolFormat _format;
    private readonly LlamaTool[] _callable;

    private RequestedTools(ToolFormat format, LlamaTool[] tools, LlamaTool[] callable, bool isRequired, int maxCallCount)
    {
        _format = format;
        _callable = callable;
        IsRequired = isRequired;
        MaxCount = maxCallCount;
        All = tools;
    }

    /// <summary>Whether the answer must consist of calls.</summary>
    public bool IsRequired { get; }

    /// <summary>The tools that the prompt describes to the model.</summary>
    public IReadOnlyList<LlamaTool> All { get; }

    /// <summary>The maximum number of calls in the answer.</summary>
    public int MaxCount { get; }

    /// <summary>Reads the tools of a request; returns null if the model must not call any tool.</summary>
    /// <param name="options">The request's options.</param>
    /// <param name="format">The format in which the model calls tools.</param>
    /// <exception cref="NotSupportedException">A tool is of an unknown kind.</exception>
    /// <exception cref="ArgumentException">A tool is not valid, or the required tool is not among the tools.</exception>
    public static RequestedTools? Read(ChatOptions? options, ToolFormat format)
    {
        IList<AITool> tools = options?.Tools ?? [];
        if (options?.ToolMode is NoneChatToolMode)
            return null;
        var required = options?.ToolMode as RequiredChatToolMode;
        if (tools.Count == 0)
        {
            return required is null
                ? null
                : throw new ArgumentException($"{nameof(ChatOptions)}.{nameof(ChatOptions.ToolMode)} requires a call, and {nameof(ChatOptions.Tools)} has no tool.", nameof(options));
        }

        LlamaTool[] read = [.. tools.Select(Read)];
        LlamaTool[] callable = required?.RequiredFunctionName is { } name ? [.. read.Where(tool => tool.Name == name)] : read;
        return callable.Length > 0
            ? new(format, read, callable, required is not null, options!.AllowMultipleToolCalls == true ? MaxCallCount : 1)
            : throw new ArgumentException(
                $"{nameof(ChatOptions)}.{nameof(ChatOptions.ToolMode)} requires a call of '{required!.RequiredFunctionName}'; {nameof(ChatOptions.Tools)} has {string.Join(", ", read.Select(tool => tool.Name))}.", nameof(options));
    }

    /// <summary>The constraint of the answer.</summary>
    /// <param name="format">The format of an answer without calls; null for text.</param>
    /// <param name="constraints">The cache of the constraint.</param>
    /// <exception cref="OutputConstraintException">A schema cannot be used.</exception>
    public OutputConstraint ToConstraint(ChatResponseFormat? format, ConstraintCache constraints)
    {
        string? answer = IsRequired || format is not ChatResponseFormatJson json ? null : json.Schema?.GetRawText() ?? "true";
        string key = string.Join('\0', [$"{IsRequired} {MaxCount}", answer ?? "", .. _callable.SelectMany(tool => (string[])[tool.Name, tool.ParametersSchema])]);
        return constraints.Get("tools", key, _ => _format.CreateConstraint(_callable, IsRequired, MaxCount, answer));
    }

    private static LlamaTool Read(AITool tool) => tool is AIFunctionDeclaration function
        ? new LlamaTool(function.Name, function.Description, MethodSchema.Of(function))
        : throw new NotSupportedException(
            $"{nameof(ChatOptions)}.{nameof(ChatOptions.Tools)} has a {tool?.GetType().Name ?? "null"}; supported are functions: {nameof(AIFunction)} and {nameof(AIFunctionDeclaration)}.");
}
