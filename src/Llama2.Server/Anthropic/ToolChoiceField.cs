using Llama2.Server.Requests;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Anthropic;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c> into <see cref="ChatOptions"/>.</summary>
internal static class ToolChoiceField
{
    /// <summary>Reads the fields.</summary>
    public static void Read(RequestObject body, ChatOptions options)
    {
        RequestValue? tools = body.Take(ToolFields.ToolsField), choice = body.Take("tool_choice");
        options.AllowMultipleToolCalls = true;
        if (tools is { } list)
        {
            var names = new HashSet<string>();
            options.Tools = [.. list.List(0, ToolFormat.MaxToolCount).Select(value => ReadTool(value, names))];
        }

        if (choice is { } mode)
            ReadChoice(mode, options);
    }

    private static AIFunctionDeclaration ReadTool(RequestValue value, HashSet<string> names)
    {
        RequestObject tool = value.Object();
        // Tools that Anthropic's servers execute have other types.
        tool.TakeOnly("type", "custom");
        RequestValue name = tool.Require("name"), schema = tool.Require("input_schema");
        string description = tool.Take("description")?.Text() ?? "";
        CacheControlField.Take(tool);
        // The arguments fit the schema whether or not "strict" is true, and come in one piece.
        tool.Take("strict")?.Flag();
        tool.Take("eager_input_streaming")?.Flag();
        if (tool.Take("defer_loading") is { } deferral && deferral.Flag())
            throw deferral.Refuse("is true, but this server announces all tools to the model; leave it out.", "unsupported_value");
        foreach (RequestValue caller in tool.Take("allowed_callers")?.List(1, 1) ?? [])
            caller.Text("direct");
        tool.Refuse("input_examples");
        tool.End();
        return ToolFields.Declare(name, description, schema, names);
    }

    private static void ReadChoice(RequestValue value, ChatOptions options)
    {
        RequestObject choice = value.Object();
        string type = choice.Require("type").Text("auto", "any", "tool", "none");
        RequestValue? name = type == "tool" ? choice.Require("name") : null;
        options.AllowMultipleToolCalls = !(choice.Take("disable_parallel_tool_use")?.Flag() ?? false);
        choice.End();
        if (type is "any" or "tool" && options.Tools is not { Count: > 0 })
            throw value.Refuse($"requires a call, and '{ToolFields.ToolsField}' has no tool.");
        options.ToolMode = type switch
        {
            "none" => ChatToolMode.None,
            "auto" => ChatToolMode.Auto,
            "any" => ChatToolMode.RequireAny,
            _ => options.Tools!.Any(tool => tool.Name == name!.Value.Text())
                ? ChatToolMode.RequireSpecific(name!.Value.Text())
                : throw name!.Value.Refuse($"is not the name of a tool in '{ToolFields.ToolsField}'."),
        };
    }
}
