using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Requests;

/// <summary>Reads the fields about tools into <see cref="ChatOptions"/>.</summary>
internal static class ToolFields
{
    /// <summary>The maximum number of calls in a message.</summary>
    public const int MaxCallCount = 128;

    /// <summary>The field of a request with the tools.</summary>
    public const string ToolsField = "tools";

    private static readonly JsonElement s_noParameters = JsonElement.Parse("""{"type": "object", "properties": {}, "additionalProperties": false}""");

    /// <summary>Reads the fields.</summary>
    /// <param name="body">The request.</param>
    /// <param name="options">The options that get the tools.</param>
    /// <param name="isFlat">Whether the name of a function is next to <c>type</c>, as in responses, and not in an object <c>function</c>, as in chats.</param>
    public static void Read(RequestObject body, ChatOptions options, bool isFlat = false)
    {
        RequestValue? tools = body.Take(ToolsField), choice = body.Take("tool_choice");
        // Without tools there are no calls, so the field has no effect.
        options.AllowMultipleToolCalls = body.Take("parallel_tool_calls")?.Flag() ?? true;
        if (tools is { } list)
            options.Tools = ReadTools(list.List(0, ToolFormat.MaxToolCount), isFlat);
        if (choice is { } mode)
            options.ToolMode = ReadMode(mode, options, isFlat);
    }

    /// <summary>Makes a tool of its fields.</summary>
    /// <param name="nameValue">The name.</param>
    /// <param name="description">What the tool does.</param>
    /// <param name="parameters">The JSON Schema of the arguments; null for a tool without parameters.</param>
    /// <param name="names">The names of the tools so far, to which this one is added.</param>
    public static AIFunctionDeclaration Declare(RequestValue nameValue, string description, RequestValue? parameters, HashSet<string> names)
    {
        string name = nameValue.Name();
        if (!names.Add(name))
            throw nameValue.Refuse($"is '{name}', which is the name of an earlier tool.");
        return AIFunctionFactory.CreateDeclaration(name, description, parameters is { } schema ? ReadSchema(schema, name) : s_noParameters);
    }

    private static List<AITool> ReadTools(RequestValue[] values, bool isFlat)
    {
        var names = new HashSet<string>();
        return [.. values.Select(value => ReadTool(value, names, isFlat))];
    }

    private static AIFunctionDeclaration ReadTool(RequestValue value, HashSet<string> names, bool isFlat)
    {
        RequestObject tool = value.Object();
        tool.Require("type").Text("function");
        RequestObject function = isFlat ? tool : tool.Require("function").Object();
        RequestValue name = function.Require("name");
        string description = function.Take("description")?.Text() ?? "";
        RequestValue? parameters = function.Take("parameters");
        // The arguments fit the schema whether or not the request demands it.
        function.Take("strict")?.Flag();
        function.End();
        tool.End();
        return Declare(name, description, parameters, names);
    }

    private static JsonElement ReadSchema(RequestValue schema, string name)
    {
        if (!schema.IsObject)
            throw schema.WrongType("a JSON Schema");
        JsonElement json = schema.Copy();
        try
        {
            _ = new LlamaTool(name, "", json);
            return json;
        }
        catch (ArgumentException)
        {
            throw schema.Refuse("must be a JSON Schema of the type 'object'.", "invalid_function_parameters");
        }
    }

    private static ChatToolMode ReadMode(RequestValue value, ChatOptions options, bool isFlat)
    {
        if (!value.IsText && !value.IsObject)
            throw value.WrongType("'none', 'auto', 'required', the name of a function or a list of allowed functions");
        string mode = value.IsText ? value.Text("none", "auto", "required") : "object";
        if (mode == "none")
            return ChatToolMode.None;
        if (mode == "auto")
            return ChatToolMode.Auto;
        if (options.Tools is not { Count: > 0 } tools)
            throw value.Refuse($"requires a call, and '{ToolsField}' has no tool.");
        if (mode == "required")
            return ChatToolMode.RequireAny;

        RequestObject choice = value.Object();
        if (choice.Require("type").Text("function", "allowed_tools") == "allowed_tools")
            return ReadAllowed(choice, options, isFlat);
        ChatToolMode required = ChatToolMode.RequireSpecific(ReadChoice(choice, tools, isFlat).Name);
        choice.End();
        return required;
    }

    // The other tools are not offered to the model at all.
    private static ChatToolMode ReadAllowed(RequestObject choice, ChatOptions options, bool isFlat)
    {
        RequestObject allowed = isFlat ? choice : choice.Require("allowed_tools").Object();
        string mode = allowed.Require("mode").Text("auto", "required");
        AITool[] tools = [.. allowed.Require(ToolsField).List(1, ToolFormat.MaxToolCount).Select(value =>
        {
            RequestObject tool = value.Object();
            tool.Require("type").Text("function");
            AITool found = ReadChoice(tool, options.Tools!, isFlat);
            tool.End();
            return found;
        })];
        allowed.End();
        choice.End();
        options.Tools = [.. options.Tools!.Where(tool => tools.Contains(tool))];
        return mode == "required" ? ChatToolMode.RequireAny : ChatToolMode.Auto;
    }

    private static AITool ReadChoice(RequestObject choice, IList<AITool> tools, bool isFlat)
    {
        RequestObject function = isFlat ? choice : choice.Require("function").Object();
        RequestValue name = function.Require("name");
        string text = name.Text();
        function.End();
        return tools.FirstOrDefault(tool => tool.Name == text) ?? throw name.Refuse($"is not the name of a function in '{ToolsField}'.");
    }
}
