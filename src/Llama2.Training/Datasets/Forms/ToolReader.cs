using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Training.Datasets.Forms;

/// <summary>Reads tools and calls as OpenAI, axolotl and LLaMA-Factory have them in data sets.</summary>
internal static class ToolReader
{
    private static readonly string[] s_names = ["tools", "functions"];

    /// <summary>Reads the tools of a record: <c>tools</c>, or OpenAI's former <c>functions</c>. They may be a text in JSON.</summary>
    /// <param name="record">The record, or its prompt.</param>
    /// <param name="unused">Receives the names of fields that were not used and change no meaning.</param>
    public static LlamaTool[] ReadTools(RecordObject record, ICollection<string> unused)
    {
        if (Array.Find(s_names, record.HasContent) is not { } name)
        {
            record.Use("tools");
            record.Use("functions");
            return [];
        }

        List<LlamaTool> tools = [];
        foreach (JsonElement element in record.FindList(name, "tools")!.Value.EnumerateArray())
        {
            string place = Invariant($"tool {tools.Count:N0} of {record.Place(name)}");
            tools.Add(ReadTool(element, place, unused));
        }

        return [.. tools];
    }

    /// <summary>Reads the calls of an answer: <c>tool_calls</c>, or OpenAI's former <c>function_call</c>.</summary>
    public static IReadOnlyList<LlamaToolCall> ReadCalls(RecordObject message, ICollection<string> unused)
    {
        List<LlamaToolCall> calls = [];
        if (message.HasContent("tool_calls"))
        {
            foreach (JsonElement element in message.FindList("tool_calls", "calls")!.Value.EnumerateArray())
            {
                var call = new RecordObject(element, FieldNames.Own, Invariant($"call {calls.Count:N0} of {message.Place("tool_calls")}"));
                string? id = call.FindText("id");
                if (call.FindText("type") is { } type && type != "function")
                {
                    throw new RecordFaultException($"{call.Place("type")} is '{type}'; only calls of functions are supported");
                }

                if (call.Find("function") is { } function)
                {
                    calls.Add(ReadCall(new RecordObject(function, FieldNames.Own, call.Place("function")), id, unused));
                    UnusedFields.Check(call, FieldScope.Call, "calls", unused);
                }
                else
                {
                    calls.Add(ReadCall(call, id, unused));
                }
            }
        }

        message.Use("tool_calls");
        if (message.Find("function_call") is { } single && !FieldValue.IsEmpty(single))
        {
            calls.Add(ReadCall(new RecordObject(single, FieldNames.Own, message.Place("function_call")), id: null, unused));
        }

        return calls;
    }

    /// <summary>Reads a turn whose text is a call in JSON, or a list of calls.</summary>
    public static IReadOnlyList<LlamaToolCall> ReadCallText(JsonElement value, string place, ICollection<string> unused)
    {
        JsonElement json = value.ValueKind == JsonValueKind.String ? FieldValue.Json(value, place, "a call with 'name' and 'arguments'") : value;
        return json.ValueKind == JsonValueKind.Array
            ? [.. json.EnumerateArray().Select(call => ReadCall(new RecordObject(call, FieldNames.Own, place), id: null, unused))]
            : [ReadCall(new RecordObject(json, FieldNames.Own, place), id: null, unused)];
    }

    private static LlamaTool ReadTool(JsonElement element, string place, ICollection<string> unused)
    {
        var outer = new RecordObject(element, FieldNames.Own, place);
        if (outer.FindText("type") is { } type && type != "function" && outer.Has("function"))
        {
            throw new RecordFaultException($"{place} has the type '{type}'; only functions are supported");
        }

        RecordObject tool = outer.Find("function") is { } function ? new RecordObject(function, FieldNames.Own, place) : outer;
        JsonElement? parameters = tool.Find("parameters") is { } value && !FieldValue.IsEmpty(value)
            ? value.ValueKind == JsonValueKind.String ? FieldValue.Json(value, tool.Place("parameters"), "a JSON Schema") : value
            : null;
        LlamaTool read = Guarded(() => new LlamaTool(tool.RequireText("name"), tool.FindText("description") ?? "", parameters), place);
        foreach (RecordObject fields in tool == outer ? [tool] : (RecordObject[])[tool, outer])
        {
            UnusedFields.Check(fields, FieldScope.Tool, "tools", unused);
        }

        return read;
    }

    private static LlamaToolCall ReadCall(RecordObject call, string? id, ICollection<string> unused)
    {
        string name = call.RequireText("name");
        JsonElement? arguments = call.Find("arguments") is { } value && !FieldValue.IsEmpty(value)
            ? value.ValueKind == JsonValueKind.String ? FieldValue.Json(value, call.Place("arguments"), "an object with the arguments") : value
            : null;
        UnusedFields.Check(call, FieldScope.Call, "calls", unused);
        return Guarded(() => new LlamaToolCall(name, arguments ?? JsonElement.Parse("{}")) { Id = id }, call.Place("arguments"));
    }

    private static T Guarded<T>(Func<T> create, string place)
    {
        try
        {
            return create();
        }
        catch (ArgumentException exception)
        {
            throw new RecordFaultException($"{place}: {exception.Message.Split(" (Parameter '")[0].TrimEnd('.')}");
        }
    }
}
