using System.Text.Json;

namespace Llama2.Evaluation.ToolCalls;

/// <summary>
/// Compares a call with an expected one by the rules of the Berkeley Function Calling Leaderboard for Python ("AST evaluation", V4). Where these
/// rules accept something odd, such as an empty list for a list that may be left out, this class accepts it too, so that figures can be compared with
/// those of the leaderboard.
/// </summary>
internal static class CallChecker
{
    public static ToolCallVerdict Check(LlamaToolCall call, ExpectedCall expected)
    {
        ToolFunction function = expected.Function;
        if (call.Name != function.Tool.Name)
            return new(ToolCallFault.WrongFunction, $"The called function is '{call.Name}'; expected is '{function.Tool.Name}'.");
        Dictionary<string, JsonElement> arguments = PythonValue.Members(call.Arguments);
        if (function.Required.FirstOrDefault(name => !arguments.ContainsKey(name)) is { } missing)
            return new(ToolCallFault.MissingParameter, $"'{missing}' is required, but has no argument.");
        foreach ((string name, JsonElement value) in arguments)
        {
            if (!function.Parameters.TryGetValue(name, out var parameter) || !expected.Accepted.TryGetValue(name, out JsonElement[]? accepted))
                return new(ToolCallFault.UnexpectedParameter, $"'{name}' has an argument that is not expected.");
            if (CheckArgument(name, value, parameter, accepted) is { IsCorrect: false } fault)
                return fault;
        }

        return expected.Accepted.FirstOrDefault(parameter => !arguments.ContainsKey(parameter.Key) && !parameter.Value.Any(PythonValue.IsEmptyText)).Key is { } left
            ? new(ToolCallFault.MissingParameter, $"'{left}' has no argument, but must not be left out.")
            : ToolCallVerdict.Correct;
    }

    private static ToolCallVerdict CheckArgument(string name, JsonElement value, (PythonType Type, PythonType? ItemType, bool IsFloat) parameter, JsonElement[] accepted)
    {
        PythonType type = PythonValue.TypeOf(value);
        // An integer is accepted for a float, but not in a list.
        if (type == PythonType.Integer && parameter.IsFloat)
            type = PythonType.Float;
        PythonType? acceptedType = FirstType(accepted);
        bool isOfType = type == parameter.Type && (parameter.ItemType is not { } itemType || HaveItemType(value, itemType, accepted));
        // The accepted values may have another type than the parameter, for example a text that is the name of a variable. Then an argument of that
        // type is allowed too, and it must be exactly equal to one of the values.
        if (!isOfType && (type == parameter.Type || type != acceptedType))
            return new(ToolCallFault.WrongType, $"'{name}' is {value.GetRawText()}, which is not of the type {Describe(parameter)}.");
        bool isVariable = acceptedType is not null && acceptedType != parameter.Type;
        bool isAccepted = isVariable ? accepted.Any(other => PythonValue.AreEqual(value, other)) : parameter switch
        {
            { Type: PythonType.Dictionary } => accepted.Any(other => FitsDictionary(value, other)),
            { Type: PythonType.List, ItemType: PythonType.Dictionary } => accepted.Any(other => FitsDictionaries(value, other)),
            { Type: PythonType.Text } => accepted.Any(other => PythonValue.AreEqual(value, other, standardizes: true)),
            { Type: PythonType.List } => accepted.Any(other => FitsList(value, other)),
            _ => accepted.Any(other => PythonValue.AreEqual(value, other)),
        };
        return isAccepted
            ? ToolCallVerdict.Correct
            : new(ToolCallFault.WrongValue, $"'{name}' is {value.GetRawText()}; accepted are {string.Join(", ", accepted.Select(other => other.GetRawText()))}.");
    }

    // Whether the types of all items fit one of the accepted lists: each item has the declared type, or the type of the first item of that list. An
    // accepted value that is not a list allows items of any type.
    private static bool HaveItemType(JsonElement value, PythonType itemType, JsonElement[] accepted) => accepted.Any(
        other => other.ValueKind != JsonValueKind.Array
            || value.EnumerateArray().All(item => PythonValue.TypeOf(item) == itemType || PythonValue.TypeOf(item) == FirstType([.. other.EnumerateArray()])));

    private static PythonType? FirstType(JsonElement[] accepted)
    {
        foreach (JsonElement value in accepted)
        {
            if (!PythonValue.IsEmptyText(value))
                return PythonValue.TypeOf(value);
        }

        return null;
    }

    // An accepted dictionary contains a list of accepted values for each member.
    private static bool FitsDictionary(JsonElement value, JsonElement accepted)
    {
        if (value.ValueKind != JsonValueKind.Object || accepted.ValueKind != JsonValueKind.Object)
            return false;
        Dictionary<string, JsonElement> members = PythonValue.Members(value), choices = PythonValue.Members(accepted);
        return members.All(
                member => choices.TryGetValue(member.Key, out JsonElement list) && Choices(list).Any(choice => PythonValue.AreEqual(member.Value, choice, standardizes: true)))
            && choices.All(choice => members.ContainsKey(choice.Key) || Choices(choice.Value).Any(PythonValue.IsEmptyText));
    }

    private static bool FitsDictionaries(JsonElement value, JsonElement accepted) => accepted.ValueKind == JsonValueKind.Array
        ? value.GetArrayLength() == accepted.GetArrayLength()
            && value.EnumerateArray().Zip(accepted.EnumerateArray()).All(pair => FitsDictionary(pair.First, pair.Second))
        : IsEmptyForOptional(value, accepted);

    private static bool FitsList(JsonElement value, JsonElement accepted) =>
        accepted.ValueKind == JsonValueKind.Array ? PythonValue.AreEqualLists(value, accepted, standardizes: true) : IsEmptyForOptional(value, accepted);

    // An empty text marks a list that may be left out. The leaderboard compares text and list item by item, so it accepts an empty list, which has no item either.
    private static bool IsEmptyForOptional(JsonElement value, JsonElement accepted) => PythonValue.IsEmptyText(accepted) && value.GetArrayLength() == 0;

    private static JsonElement.ArrayEnumerator Choices(JsonElement list) => list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static string Describe((PythonType Type, PythonType? ItemType, bool IsFloat) parameter) =>
        parameter.ItemType is { } item ? $"{parameter.Type} of {item}" : parameter.Type.ToString();
}
