using System.Text.Json;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.ToolCalls;

/// <summary>Tests each rule of the leaderboard with calls whose verdict follows from that rule.</summary>
public class ToolCallExampleTests
{
    private const string Functions = """
        [{"name": "f", "description": "d", "parameters": {"type": "dict", "required": ["i"], "properties": {
            "i": {"type": "integer"}, "x": {"type": "float"}, "s": {"type": "string"}, "b": {"type": "boolean"}, "any": {"type": "any"},
            "texts": {"type": "array", "items": {"type": "string"}}, "floats": {"type": "tuple", "items": {"type": "float"}},
            "d": {"type": "dict", "properties": {"k": {"type": "string"}}}, "list": {"type": "array", "items": {"type": "dict"}}, "bare": {"type": "array"}}}},
         {"name": "g.h", "description": "", "parameters": {"type": "dict", "properties": {}}}]
        """;

    [Theory]
    // Names and parameters.
    [InlineData("f", """{"i": 1}""", """{"i": [1]}""", ToolCallFault.None)]
    [InlineData("g", """{"i": 1}""", """{"i": [1]}""", ToolCallFault.WrongFunction)]
    [InlineData("F", """{"i": 1}""", """{"i": [1]}""", ToolCallFault.WrongFunction)]
    [InlineData("f", """{"x": 1.5}""", """{"i": [1], "x": [1.5]}""", ToolCallFault.MissingParameter)]
    // A parameter that the function requires is required even if the answer allows a call without it.
    [InlineData("f", "{}", """{"i": ["", 1]}""", ToolCallFault.MissingParameter)]
    [InlineData("f", """{"i": 1}""", """{"i": [1], "x": ["", 1.5]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1}""", """{"i": [1], "x": [1.5]}""", ToolCallFault.MissingParameter)]
    [InlineData("f", """{"i": 1, "x": 1.5}""", """{"i": [1]}""", ToolCallFault.UnexpectedParameter)]
    [InlineData("f", """{"i": 1, "y": 1.5}""", """{"i": [1], "y": [1.5]}""", ToolCallFault.UnexpectedParameter)]
    [InlineData("f", """{"i": 2, "i": 1}""", """{"i": [1]}""", ToolCallFault.None)]
    // An integer is accepted where a float is expected, except within a list of floats. A float is not accepted where an integer is expected.
    [InlineData("f", """{"i": 2}""", """{"i": [1, 3]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1.0}""", """{"i": [1]}""", ToolCallFault.WrongType)]
    [InlineData("f", """{"i": "1"}""", """{"i": [1]}""", ToolCallFault.WrongType)]
    [InlineData("f", """{"i": true}""", """{"i": [1]}""", ToolCallFault.WrongType)]
    [InlineData("f", """{"i": 1, "x": 2}""", """{"i": [1], "x": [2.0]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "x": 2.0}""", """{"i": [1], "x": [2]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "x": 2e0}""", """{"i": [1], "x": [2]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "x": 2.5}""", """{"i": [1], "x": [2]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "floats": [1.0, 2.5]}""", """{"i": [1], "floats": [[1.0, 2.5]]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "floats": [1, 2.5]}""", """{"i": [1], "floats": [[1.0, 2.5]]}""", ToolCallFault.WrongType)]
    [InlineData("f", """{"i": 1, "floats": [1, 2]}""", """{"i": [1], "floats": [[1, 2]]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "floats": [1.0, 2.0]}""", """{"i": [1], "floats": [[1, 2]]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "floats": [2.5, 1.0]}""", """{"i": [1], "floats": [[1.0, 2.5]]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "b": true}""", """{"i": [1], "b": [true]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "b": 1}""", """{"i": [1], "b": [true]}""", ToolCallFault.WrongType)]
    [InlineData("f", """{"i": null}""", """{"i": [1]}""", ToolCallFault.WrongType)]
    // Texts are compared without regard to case, spaces and some punctuation; a single quote counts as a double quote.
    [InlineData("f", """{"i": 1, "s": "april 1 2024"}""", """{"i": [1], "s": ["April 1, 2024"]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "s": "a.b/c-d_e*f^g"}""", """{"i": [1], "s": ["ABCDEFG"]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "s": "it's"}""", """{"i": [1], "s": ["it\"s"]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "s": "a:b"}""", """{"i": [1], "s": ["ab"]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "s": " "}""", """{"i": [1], "s": ["", "a"]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "s": "b"}""", """{"i": [1], "s": ["", "a"]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "s": "\ud800"}""", """{"i": [1], "s": ["a"]}""", ToolCallFault.WrongValue)]
    // A value that has the type of the accepted value, but not that of the parameter, counts as the name of a variable and is compared as it is.
    [InlineData("f", """{"i": "my_count"}""", """{"i": ["my_count"]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": "My Count"}""", """{"i": ["my_count"]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "any": 5}""", """{"i": [1], "any": [5.0, 5]}""", ToolCallFault.WrongType)]
    [InlineData("f", """{"i": 1, "any": 5}""", """{"i": [1], "any": [5]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "any": [1, {"a": 2}]}""", """{"i": [1], "any": [[1.0, {"a": 2.0}]]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "s": 7}""", """{"i": [1], "s": ["", 7]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "s": 7}""", """{"i": [1], "s": [""]}""", ToolCallFault.WrongType)]
    // Lists are compared element by element. Texts that are elements of the list itself are compared by the rule for texts.
    [InlineData("f", """{"i": 1, "texts": ["A b", "c"]}""", """{"i": [1], "texts": [["x"], ["ab", "C"]]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "texts": ["c", "ab"]}""", """{"i": [1], "texts": [["ab", "c"]]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "texts": ["ab"]}""", """{"i": [1], "texts": [["ab", "c"]]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "texts": [1]}""", """{"i": [1], "texts": [["ab"]]}""", ToolCallFault.WrongType)]
    [InlineData("f", """{"i": 1, "texts": [1]}""", """{"i": [1], "texts": [[1, 2], [1]]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "texts": "ab"}""", """{"i": [1], "texts": [["ab"]]}""", ToolCallFault.WrongType)]
    [InlineData("f", """{"i": 1, "texts": []}""", """{"i": [1], "texts": ["", ["ab"]]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "texts": []}""", """{"i": [1], "texts": [["ab"]]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "bare": [1, "A"]}""", """{"i": [1], "bare": [[1.0, "a"]]}""", ToolCallFault.None)]
    // Dictionaries: each member has accepted values of its own.
    [InlineData("f", """{"i": 1, "d": {"k": "A b", "n": 2}}""", """{"i": [1], "d": [{"k": ["x", "ab"], "n": [2]}]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "d": {"k": "a"}}""", """{"i": [1], "d": ["", {"k": ["a"], "n": ["", 2]}]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "d": {"k": "a"}}""", """{"i": [1], "d": [{"k": ["a"], "n": [2]}]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "d": {"k": "a", "z": 1}}""", """{"i": [1], "d": [{"k": ["a"]}]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "d": {"k": "b"}}""", """{"i": [1], "d": [{"k": ["a"]}, {"k": ["b"]}]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "d": {}}""", """{"i": [1], "d": [""]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "list": [{"k": "a"}, {"k": "B"}]}""", """{"i": [1], "list": [[{"k": ["A"]}, {"k": ["b", "c"]}]]}""", ToolCallFault.None)]
    [InlineData("f", """{"i": 1, "list": [{"k": "b"}, {"k": "a"}]}""", """{"i": [1], "list": [[{"k": ["a"]}, {"k": ["b"]}]]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "list": [{"k": "a"}]}""", """{"i": [1], "list": [[{"k": ["a"]}, {"k": ["b"]}]]}""", ToolCallFault.WrongValue)]
    [InlineData("f", """{"i": 1, "list": []}""", """{"i": [1], "list": ["", [{"k": ["a"]}]]}""", ToolCallFault.None)]
    public void Check_OneCall_IsJudgedByTheRule(string name, string arguments, string accepted, ToolCallFault expected)
    {
        ToolCallExample example = Example("simple_python_0", $$"""[{"f": {{accepted}}}]""");

        ToolCallVerdict verdict = example.Check([Call(name, arguments)]);

        verdict.Fault.Should().Be(expected, verdict.Message);
        (verdict.IsCorrect, verdict.Message is null).Should().Be((expected == ToolCallFault.None, expected == ToolCallFault.None));
    }

    [Fact]
    public void Check_SimpleAndMultiple_HaveOneCall()
    {
        foreach (string id in (string[])["simple_python_0", "live_multiple_1-2-3"])
        {
            ToolCallExample example = Example(id, """[{"g.h": {}}]""");

            example.Check([]).Fault.Should().Be(ToolCallFault.WrongCount);
            example.Check([Call("g.h", "{}")]).IsCorrect.Should().BeTrue();
            example.Check([Call("g.h", "{}"), Call("g.h", "{}")]).Fault.Should().Be(ToolCallFault.WrongCount);
        }
    }

    [Theory]
    [InlineData("parallel_0")]
    [InlineData("live_parallel_multiple_0-1-2")]
    public void Check_Parallel_IsInAnyOrderAndEachCallCountsOnce(string id)
    {
        ToolCallExample example = Example(id, """[{"f": {"i": [1, 2]}}, {"f": {"i": [1]}}, {"g.h": {}}]""");
        LlamaToolCall one = Call("f", """{"i": 1}"""), two = Call("f", """{"i": 2}"""), other = Call("g.h", "{}");

        example.Check([other, two, one]).IsCorrect.Should().BeTrue();
        example.Check([one, one, other]).IsCorrect.Should().BeTrue();
        // The first expected call takes the first call that fits it, so no call is left for the second expected call. The leaderboard's own code does the same.
        example.Check([one, two, other]).Fault.Should().Be(ToolCallFault.NoMatch);
        example.Check([two, two, other]).Fault.Should().Be(ToolCallFault.NoMatch);
        example.Check([one, other]).Fault.Should().Be(ToolCallFault.WrongCount);
        example.Check([one, one, one]).Fault.Should().Be(ToolCallFault.NoMatch);
    }

    [Theory]
    [InlineData("irrelevance_0", true)]
    [InlineData("live_irrelevance_0-0-0", true)]
    [InlineData("live_relevance_0-0-0", false)]
    public void Check_QuestionWithoutAnAnswer_IsAboutACallAtAll(string id, bool isIrrelevance)
    {
        ToolCallExample example = ToolCallExample.Parse(Question(id));

        example.ExpectsCalls.Should().Be(!isIrrelevance);
        example.Check([]).Fault.Should().Be(isIrrelevance ? ToolCallFault.None : ToolCallFault.WrongCount);
        example.Check([Call("g.h", "{}")]).Fault.Should().Be(isIrrelevance ? ToolCallFault.UnneededCall : ToolCallFault.None);
    }

    [Fact]
    public void Parse_Question_HasMessagesAndToolsWithTypesOfJsonSchema()
    {
        ToolCallExample example = Example("parallel_multiple_12", """[{"g.h": {}}]""");

        (example.Id, example.Category, example.ExpectsCalls).Should().Be(("parallel_multiple_12", "parallel_multiple", true));
        example.Messages.Should().Equal(LlamaMessage.System("Be brief."), LlamaMessage.User("Well?"));
        example.Tools.Select(tool => tool.Name).Should().Equal("f", "g.h");
        example.Tools[0].Description.Should().Be("d");
        JsonElement properties = JsonElement.Parse(example.Tools[0].ParametersSchema).GetProperty("properties");
        properties.GetProperty("x").GetProperty("type").GetString().Should().Be("number");
        properties.GetProperty("floats").GetProperty("items").GetProperty("type").GetString().Should().Be("number");
        properties.GetProperty("d").GetProperty("type").GetString().Should().Be("object");
        properties.GetProperty("any").EnumerateObject().Should().BeEmpty();
        ToolFormat.Json.CreateConstraint(example.Tools).Kind.Should().Be("tool calls");
    }

    [Theory]
    [InlineData("[]", null, "*'?'*no text 'id'*")]
    [InlineData("""{"id": "x_1", "question": [[]], "function": []}""", null, "*'x_1'*names no category*")]
    [InlineData("""{"id": "multi_turn_base_1", "question": [[]], "function": []}""", null, "*'multi_turn_base_1'*'multi_turn' are not supported*")]
    [InlineData("""{"id": "simple_java_1", "question": [[]], "function": []}""", null, "*'java' are not supported*")]
    [InlineData("""{"id": "simple_1", "question": [[]], "function": []}""", null, "*0 functions; 1 to 256*")]
    [InlineData("""{"id": "simple_1", "question": [[]]}""", null, "*no list 'function'*")]
    [InlineData("""{"id": "simple_1", "question": [[], []], "function": [{"name": "f", "parameters": {"properties": {}}}]}""", """{"ground_truth": [{"f": {}}]}""", "*2 turns*")]
    [InlineData("""{"id": "simple_1", "question": [[]], "function": [{"name": "f", "parameters": {"properties": {}}}]}""", null, "*no answer with its id*")]
    [InlineData("""{"id": "simple_1", "question": [[]], "function": [{"name": "f", "parameters": {"properties": {}}}]}""", """{"ground_truth": [{"g": {}}]}""", "*calls 'g'*")]
    [InlineData("""{"id": "simple_1", "question": [[]], "function": [{"name": "f", "parameters": {"properties": {}}}]}""", """{"ground_truth": [{"f": {"a": 1}}]}""", "*'a' is not a list*")]
    [InlineData("""{"id": "simple_1", "question": [[]], "function": [{"name": "f", "parameters": {"properties": {}}}]}""", """{"ground_truth": []}""", "*no call*")]
    [InlineData("""{"id": "simple_1", "question": [[]], "function": [{"name": "f", "parameters": {"properties": {"a": {"type": "date"}}}}]}""", null, "*type 'date'*")]
    [InlineData("""{"id": "irrelevance_1", "question": [[{"role": "tool", "content": ""}]], "function": [{"name": "f", "parameters": {"properties": {}}}]}""", null, "*role 'tool'*")]
    [InlineData("""{"id": "irrelevance_1", "question": [[]], "function": [{"name": "f", "parameters": {"properties": {}}}, {"name": "f", "parameters": {"properties": {}}}]}""", null, "*same name*")]
    [InlineData("""{"id": "irrelevance_1", "question": [[{"role": "user", "content": "\udc00"}]], "function": [{"name": "f", "parameters": {"properties": {}}}]}""", null, "*'irrelevance_1'*")]
    [InlineData("""{"id": "irrelevance_1", "question": [[]], "function": [{"name": "", "parameters": {"properties": {}}}]}""", null, "*'irrelevance_1'*")]
    public void Parse_MalformedExample_IsAnErrorThatNamesIt(string question, string? answer, string message)
    {
        Action parsing = () => ToolCallExample.Parse(JsonElement.Parse(question), answer is null ? null : JsonElement.Parse(answer));

        parsing.Should().Throw<EvaluationDataException>().WithMessage(message);
    }

    // Calls with the first accepted value of each parameter are correct, except where the data contradict the leaderboard's own rules.
    [SharedDataFact("bfcl/simple_python.jsonl")]
    public void Check_AnswersOfTheLeaderboard_AreCorrect()
    {
        int correctCount = 0, totalCount = 0;
        foreach (string category in (string[])["simple_python", "multiple", "parallel", "parallel_multiple", "live_simple"])
        {
            string[] answers = File.ReadAllLines(SharedDataFactAttribute.PathOf($"bfcl/{category}.answers.jsonl"));
            foreach ((string line, string answerLine) in File.ReadAllLines(SharedDataFactAttribute.PathOf($"bfcl/{category}.jsonl")).Zip(answers))
            {
                JsonElement answer = JsonElement.Parse(answerLine);
                var example = ToolCallExample.Parse(JsonElement.Parse(line), answer);
                LlamaToolCall[] calls = [.. answer.GetProperty("ground_truth").EnumerateArray().Select(FirstAccepted)];
                correctCount += example.Check(calls).IsCorrect ? 1 : 0;
                example.Check([.. calls, calls[0]]).Fault.Should().Be(ToolCallFault.WrongCount);
                totalCount++;
            }
        }

        totalCount.Should().Be(1258);
        correctCount.Should().BeGreaterThan(1200);
    }

    private static LlamaToolCall FirstAccepted(JsonElement call)
    {
        JsonProperty named = call.EnumerateObject().Single();
        var arguments = new Dictionary<string, object?>();
        foreach (JsonProperty parameter in named.Value.EnumerateObject())
        {
            JsonElement[] accepted = [.. parameter.Value.EnumerateArray().Where(value => value.ValueKind != JsonValueKind.String || value.GetString() != "")];
            if (accepted.Length > 0)
                arguments[parameter.Name] = First(accepted[0]);
        }

        return new LlamaToolCall(named.Name, JsonSerializer.SerializeToElement(arguments));
    }

    // The members of a dictionary have lists of accepted values.
    private static object? First(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() > 0)
            .ToDictionary(member => member.Name, member => (object?)member.Value.EnumerateArray().First()),
        JsonValueKind.Array => value.EnumerateArray().Select(First).ToArray(),
        _ => value,
    };

    private static JsonElement Question(string id) => JsonElement.Parse(
        $$"""{"id": "{{id}}", "question": [[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Well?"}]], "function": {{Functions}}}""");

    private static ToolCallExample Example(string id, string groundTruth) => ToolCallExample.Parse(Question(id), JsonElement.Parse($$"""{"id": "{{id}}", "ground_truth": {{groundTruth}}}"""));

    private static LlamaToolCall Call(string name, string arguments) => new(name, JsonElement.Parse(arguments));
}
