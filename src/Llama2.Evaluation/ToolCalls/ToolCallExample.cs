using System.Text.Json;
using Llama2.Evaluation.ToolCalls;

namespace Llama2.Evaluation;

/// <summary>
/// A question of the Berkeley Function Calling Leaderboard with its functions and the accepted answers. The supported categories are those in which a
/// question has one turn and the functions are in Python: simple, multiple, parallel, parallel_multiple, irrelevance and relevance, including those
/// of live data. Immutable and thread-safe.
/// </summary>
public sealed class ToolCallExample
{
    private static readonly string[] s_unsupported = ["java", "javascript", "multi_turn", "memory", "web_search", "format_sensitivity", "rest", "sql"];

    private readonly ToolCallRule _rule;
    private readonly ExpectedCall[] _expected;

    private ToolCallExample(string id, string category, ToolCallRule rule, LlamaMessage[] messages, LlamaTool[] tools, ExpectedCall[] expected) =>
        (Id, Category, _rule, Messages, Tools, _expected) = (id, category, rule, messages, tools, expected);

    /// <summary>The example's name, such as <c>parallel_multiple_3</c>.</summary>
    public string Id { get; }

    /// <summary>The category: the name up to its last underscore, such as <c>parallel_multiple</c>.</summary>
    public string Category { get; }

    /// <summary>The messages of the question.</summary>
    public IReadOnlyList<LlamaMessage> Messages { get; }

    /// <summary>The functions that may be called; 1 or more. A parameter of the type <c>any</c> has no type in the schema.</summary>
    public IReadOnlyList<LlamaTool> Tools { get; }

    /// <summary>Whether a correct answer to the question has at least one call: true except in the category irrelevance.</summary>
    public bool ExpectsCalls => _rule != ToolCallRule.Irrelevance;

    /// <summary>Reads an example.</summary>
    /// <param name="question">A line of a file of questions: an object with <c>id</c>, <c>question</c> and <c>function</c>.</param>
    /// <param name="answer">
    /// The line of the file of possible answers with the same id: an object with <c>ground_truth</c>. Null for questions of the categories
    /// irrelevance and relevance, which have no possible answers.
    /// </param>
    /// <exception cref="EvaluationDataException">The example is malformed, needs an answer and has none, or belongs to a category that is not supported.</exception>
    public static ToolCallExample Parse(JsonElement question, JsonElement? answer = null)
    {
        string id = "?";
        try
        {
            id = ExampleReader.Text(question, "id");
            string category = id[..Math.Max(id.LastIndexOf('_'), 0)];
            ToolCallRule rule = RuleOf(category);
            ToolFunction[] functions = [.. ReadFunctions(question)];
            if (functions.DistinctBy(function => function.Tool.Name).Count() < functions.Length)
                throw new FormatException("two of its functions have the same name");
            ExpectedCall[] expected = rule is ToolCallRule.Irrelevance or ToolCallRule.Relevance ? [] : [.. ReadAnswer(answer, functions)];
            return new ToolCallExample(id, category, rule, [.. ReadMessages(question)], [.. functions.Select(function => function.Tool)], expected);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            // The last two types are thrown for members with the same name, for invalid tools, and for halves of surrogate pairs.
            throw new EvaluationDataException($"The example '{id}' cannot be used: {exception.Message.TrimEnd('.')}.", exception);
        }
    }

    /// <summary>Compares calls with the answer, by the leaderboard's rules.</summary>
    /// <param name="calls">The calls, in the order in which the model wrote them.</param>
    public ToolCallVerdict Check(IReadOnlyList<LlamaToolCall> calls)
    {
        ArgumentNullException.ThrowIfNull(calls);
        return _rule switch
        {
            ToolCallRule.Irrelevance => calls.Count == 0
                ? ToolCallVerdict.Correct
                : new(ToolCallFault.UnneededCall, "No function fits the question, but there is a call."),
            ToolCallRule.Relevance => calls.Count > 0 ? ToolCallVerdict.Correct : new(ToolCallFault.WrongCount, "There is no call."),
            _ when calls.Count != _expected.Length => new(ToolCallFault.WrongCount, $"The number of calls is {calls.Count}; expected are {_expected.Length}."),
            ToolCallRule.Parallel => CheckInAnyOrder(calls),
            _ => CallChecker.Check(calls[0], _expected[0]),
        };
    }

    // Each expected call is paired with the first call that fits it and has no pair yet, as in the leaderboard's own code.
    private ToolCallVerdict CheckInAnyOrder(IReadOnlyList<LlamaToolCall> calls)
    {
        List<LlamaToolCall> left = [.. calls];
        foreach (ExpectedCall expected in _expected)
        {
            ToolCallVerdict[] verdicts = [.. left.Select(call => CallChecker.Check(call, expected))];
            int index = Array.FindIndex(verdicts, verdict => verdict.IsCorrect);
            if (index < 0)
                return new(
                    ToolCallFault.NoMatch,
                    $"No call matches the expected call of '{expected.Function.Tool.Name}': {string.Join(' ', verdicts.Select(verdict => verdict.Message))}");
            left.RemoveAt(index);
        }

        return ToolCallVerdict.Correct;
    }

    private static ToolCallRule RuleOf(string category)
    {
        if (Array.Find(s_unsupported, part => category.Contains(part, StringComparison.Ordinal)) is { } part)
            throw new FormatException($"categories of '{part}' are not supported; supported are those with one turn in Python");
        if (category.Contains("irrelevance", StringComparison.Ordinal))
            return ToolCallRule.Irrelevance;
        if (category.Contains("relevance", StringComparison.Ordinal))
            return ToolCallRule.Relevance;
        if (category.Contains("parallel", StringComparison.Ordinal))
            return ToolCallRule.Parallel;
        if (category.Contains("multiple", StringComparison.Ordinal))
            return ToolCallRule.Multiple;
        return category.Contains("simple", StringComparison.Ordinal)
            ? ToolCallRule.Simple
            : throw new FormatException("its id names no category; an id must be a category, such as 'simple_python', followed by a number");
    }

    private static IEnumerable<ToolFunction> ReadFunctions(JsonElement question)
    {
        JsonElement functions = ExampleReader.Member(question, "function", JsonValueKind.Array);
        return functions.GetArrayLength() is > 0 and <= ToolFormat.MaxToolCount
            ? functions.EnumerateArray().Select(ToolFunction.Read)
            : throw new FormatException($"it has {functions.GetArrayLength():N0} functions; 1 to {ToolFormat.MaxToolCount} are needed");
    }

    private static IEnumerable<LlamaMessage> ReadMessages(JsonElement question)
    {
        JsonElement turns = ExampleReader.Member(question, "question", JsonValueKind.Array);
        if (turns.GetArrayLength() != 1)
            throw new FormatException($"it has {turns.GetArrayLength():N0} turns; only examples with one are supported");
        foreach (JsonElement message in ExampleReader.Items(turns[0], "question"))
        {
            string content = ExampleReader.Text(message, "content");
            yield return ExampleReader.Text(message, "role") switch
            {
                "system" => LlamaMessage.System(content),
                "user" => LlamaMessage.User(content),
                "assistant" => LlamaMessage.Assistant(content),
                string role => throw new FormatException($"a message has the role '{role}', which is not supported"),
            };
        }
    }

    private static IEnumerable<ExpectedCall> ReadAnswer(JsonElement? answer, ToolFunction[] functions)
    {
        JsonElement calls = ExampleReader.Member(answer ?? throw new FormatException("there is no answer with its id"), "ground_truth", JsonValueKind.Array);
        if (calls.GetArrayLength() == 0)
            throw new FormatException("its answer has no call");
        foreach (JsonElement call in calls.EnumerateArray())
        {
            if (call.ValueKind != JsonValueKind.Object || call.EnumerateObject().Count() != 1)
                throw new FormatException("a call of its answer is not an object with one function");
            JsonProperty named = call.EnumerateObject().Single();
            ToolFunction function = Array.Find(functions, function => function.Tool.Name == named.Name)
                ?? throw new FormatException($"its answer calls '{named.Name}', which is not among its functions");
            if (named.Value.ValueKind != JsonValueKind.Object)
                throw new FormatException($"the arguments of '{named.Name}' in its answer are not an object");
            yield return new ExpectedCall(
                function,
                named.Value.EnumerateObject().ToDictionary(
                    parameter => parameter.Name, parameter => ExampleReader.Items(parameter.Value, parameter.Name).Select(value => value.Clone()).ToArray()));
        }
    }
}
