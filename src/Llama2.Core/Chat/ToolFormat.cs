using System.Text;
using System.Text.Json;
using Llama2.Chat;
using Llama2.Grammar;

namespace Llama2;

/// <summary>
/// How a conversation announces tools, calls them and returns their results: as JSON between tags, which every vocabulary can encode and every prompt
/// format can contain. A call is part of an answer; a result is part of the user's next message. See docs/tools.md.
/// </summary>
/// <remarks>
/// Names, descriptions, arguments and results are data: in them, <c>&lt;</c> is written as a JSON escape, so that they cannot contain a tag.
/// </remarks>
/// <example><code>
/// LlamaTool[] tools = [new("get_weather", "The weather of a city", schema)];
/// session.SendAsync(ToolFormat.Announce(tools) + question, new GenerationOptions { Constraint = ToolFormat.CreateConstraint(tools) });
/// </code></example>
public static class ToolFormat
{
    /// <summary>The maximum number of tools of a conversation.</summary>
    public const int MaxToolCount = 256;

    /// <summary>The maximum number of calls in one answer.</summary>
    public const int MaxCallCount = 64;

    internal const string CallStart = "<tool_call>", CallEnd = "</tool_call>";
    private const string ResultStart = "<tool_response>", ResultEnd = "</tool_response>";

    /// <summary>The text that tells a model which tools there are and how to call them, for the system message.</summary>
    /// <param name="tools">1 to <see cref="MaxToolCount"/> tools with different names.</param>
    /// <exception cref="ArgumentException">There are no tools, too many, or two with the same name.</exception>
    public static string Announce(IReadOnlyList<LlamaTool> tools)
    {
        Check(tools);
        var text = new StringBuilder("You can call tools. These are their descriptions, and the JSON Schemas of their arguments:\n");
        foreach (LlamaTool tool in tools)
            text.Append($$"""{"name": {{ToolJson.Quote(tool.Name)}}, "description": {{ToolJson.Quote(tool.Description)}}, "parameters": {{tool.ParametersSchema}}}""").Append('\n');
        return text.Append("To call a tool, write:\n")
            .Append(CallStart).Append("\n{\"name\": \"the tool's name\", \"arguments\": {}}\n").Append(CallEnd)
            .Append("\nThe next message then contains the result, between ").Append(ResultStart).Append(" and ").Append(ResultEnd).Append('.').ToString();
    }

    /// <summary>The text of a call, as a model writes it in an answer.</summary>
    /// <param name="call">The call.</param>
    public static string WriteCall(LlamaToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return Before(call.Name) + ToolJson.Write(call.Arguments) + After;
    }

    /// <summary>The text of a result, for a user's message.</summary>
    /// <param name="result">What the tool returned.</param>
    /// <param name="name">The tool's name; null if it is not known.</param>
    public static string WriteResult(JsonElement result, string? name = null) =>
        $"{ResultStart}\n{{{(name is null ? "" : $"\"name\": {ToolJson.Quote(name)}, ")}\"content\": {ToolJson.Write(result)}}}\n{ResultEnd}";

    /// <summary>
    /// Creates a constraint which ensures that every call names one of the tools and has arguments that fit the schema of this tool's parameters.
    /// Objects have only the properties that the schema names, even where the schema does not exclude others; docs/tools.md states the exceptions.
    /// </summary>
    /// <param name="tools">1 to <see cref="MaxToolCount"/> tools with different names.</param>
    /// <param name="isRequired">
    /// True if the answer must consist of calls; false (the default) if it may also be text, or text followed by calls.
    /// </param>
    /// <param name="maxCallCount">The maximum number of calls in the answer, 1 (the default) to <see cref="MaxCallCount"/>.</param>
    /// <param name="answerSchema">
    /// A JSON Schema that an answer without calls has to fit; an answer then consists either of calls or of JSON. Null (the default) allows any text.
    /// </param>
    /// <exception cref="ArgumentException">There are no tools, too many, or two with the same name.</exception>
    /// <exception cref="OutputConstraintException">
    /// A schema is malformed, or has a keyword that cannot be enforced. The message names the tool, and <see cref="OutputConstraintException.Path"/> is
    /// the place in the tool's schema.
    /// </exception>
    public static OutputConstraint CreateConstraint(IReadOnlyList<LlamaTool> tools, bool isRequired = false, int maxCallCount = 1, string? answerSchema = null)
    {
        Check(tools);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCallCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxCallCount, MaxCallCount);
        EmbeddedSchema[] calls = [.. tools.Select(tool => new EmbeddedSchema($"parameters of the tool '{tool.Name}'", Before(tool.Name), ClosedSchema.Of(tool.ParametersSchema), After))];
        return OutputConstraint.Of("tool calls", string.Join(", ", tools.Select(tool => tool.Name)), () => CallGrammar.Build(calls, CallStart, maxCallCount, isRequired, answerSchema));
    }

    /// <summary>Creates a reader that finds the calls in an answer while it is generated.</summary>
    public static ToolCallReader CreateReader() => new();

    private static string After => $"}}\n{CallEnd}";

    private static string Before(string name) => $"{CallStart}\n{{\"name\": {ToolJson.Quote(name)}, \"arguments\": ";

    private static void Check(IReadOnlyList<LlamaTool> tools)
    {
        ArgumentNullException.ThrowIfNull(tools);
        if (tools.Count is 0 or > MaxToolCount)
            throw new ArgumentException($"There are {tools.Count:N0} tools; 1 to {MaxToolCount} are allowed.", nameof(tools));
        var names = new HashSet<string>();
        foreach (LlamaTool tool in tools)
        {
            ArgumentNullException.ThrowIfNull(tool, nameof(tools));
            if (!names.Add(tool.Name))
                throw new ArgumentException($"Two tools have the name '{tool.Name}'; a call could not say which of them is meant.", nameof(tools));
        }
    }
}
