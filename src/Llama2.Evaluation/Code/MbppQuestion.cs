using System.Text.Json;
using Llama2.Evaluation.ToolCalls;

namespace Llama2.Evaluation.Code;

/// <summary>A row of MBPP.</summary>
/// <param name="Id">Its number in the data set.</param>
/// <param name="Text">The task, in words.</param>
/// <param name="Code">The data set's solution.</param>
/// <param name="SetUpCode">Code that runs before the tests; empty for most questions.</param>
/// <param name="Tests">The assertions of the test.</param>
internal sealed record MbppQuestion(int Id, string Text, string Code, string SetUpCode, IReadOnlyList<string> Tests)
{
    private const int TestCount = 3;

    /// <summary>The question as the model reads it, up to the line after which it writes the program.</summary>
    public string Prompt =>
        $"You are an expert Python programmer, and here is your task: {Text} Your code should pass these tests:\n\n{string.Join('\n', Tests)}\n[BEGIN]\n";

    /// <exception cref="FormatException">The row is malformed, or has too few tests.</exception>
    public static MbppQuestion Read(JsonElement row)
    {
        if (!ExampleReader.Member(row, "task_id", JsonValueKind.Number).TryGetInt32(out int id))
            throw new FormatException("its 'task_id' is not an integer");
        string[] tests = [.. ExampleReader.Items(ExampleReader.Member(row, "test_list", JsonValueKind.Array), "test_list").Select(ExampleReader.Text)];
        if (tests.Length < TestCount)
            throw new FormatException($"'test_list' has {tests.Length} items, fewer than {TestCount}");
        string setUpCode = row.TryGetProperty("test_setup_code", out JsonElement setUp) && setUp.ValueKind == JsonValueKind.String ? setUp.GetString()! : "";
        return new MbppQuestion(id, ExampleReader.Text(row, "text"), ExampleReader.Text(row, "code"), setUpCode, tests[..TestCount]);
    }
}
