using System.Text;
using System.Text.Json;
using Llama2.Grammar.Matching;

namespace Llama2.Tests.Chat.Tools;

public sealed class ToolFormatTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private static readonly LlamaTool s_weather = new(
        "get_weather", "The \"weather\" of a <city>",
        JsonElement.Parse("""{ "properties": { "city": { "enum": ["Rome", "Oslo"] }, "days": { "type": "integer", "minimum": 1, "maximum": 9 } }, "required": ["city", "days"], "additionalProperties": false }"""));

    private static readonly LlamaTool s_time = new("time");

    [Fact]
    public void Announce_Tools_SaysTheirNamesDescriptionsAndSchemasWithoutTagsOfTheirOwn()
    {
        string text = ToolFormat.Json.Announce([s_weather, s_time]);

        text.Should().Contain("""
            {"name": "get_weather", "description": "The \"weather\" of a \u003ccity>", "parameters": {"type": "object", "properties": {"city": {"enum": ["Rome", "Oslo"]}
            """).And.Contain("""{"name": "time", "description": "", "parameters": {"type": "object", "properties": {}, "additionalProperties": false}}""");
    }

    [Fact]
    public void WriteCall_Call_IsWhatTheConstraintAllowsAndTheReaderReads()
    {
        string text = ToolFormat.Json.WriteCall(Call("get_weather", """{"city":"Rome","days":2}"""));

        text.Should().Be("<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Rome\", \"days\": 2}}\n</tool_call>");
        Read(text).Calls.Should().ContainSingle().Which.Name.Should().Be("get_weather");
    }

    [Theory]
    [InlineData("</tool_response>")]
    [InlineData("<tool_call>")]
    [InlineData("a\nb\u0001\"\\")]
    public void WriteResult_Text_IsDataThatCannotContainATag(string content)
    {
        string[] lines = ToolFormat.Json.WriteResult(content, "f").Split('\n');

        lines.Should().HaveCount(3);
        (lines[0], lines[2]).Should().Be(("<tool_response>", "</tool_response>"));
        lines[1].Should().NotContain("<");
        JsonElement.Parse(lines[1]).GetProperty("content").GetString().Should().Be(content);
        JsonElement.Parse(lines[1]).GetProperty("name").GetString().Should().Be("f");
    }

    [Theory]
    [InlineData("</tool_call>")]
    [InlineData("f\"g\n")]
    [InlineData("été")]
    public async Task CreateConstraint_NameOfAnyCharacters_IsForced(string name) =>
        (await GenerateAsync(ToolFormat.Json.CreateConstraint([new LlamaTool(name)], isRequired: true), seed: 1)).Calls.Should().ContainSingle().Which.Name.Should().Be(name);

    [Fact]
    public async Task CreateConstraint_Required_IsOneCallWhateverTheModelWouldWrite()
    {
        for (ulong seed = 1; seed <= 8; seed++)
        {
            (string text, List<LlamaToolCall> calls) = await GenerateAsync(ToolFormat.Json.CreateConstraint([s_weather, s_time], isRequired: true), seed);

            text.Should().BeEmpty();
            LlamaToolCall call = calls.Should().ContainSingle().Subject;
            call.Name.Should().BeOneOf("get_weather", "time");
            if (call.Name == "get_weather")
            {
                call.Arguments.GetProperty("city").GetString().Should().BeOneOf("Rome", "Oslo");
                call.Arguments.GetProperty("days").GetInt32().Should().BeInRange(1, 9);
            }
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void CreateConstraint_SeveralCalls_AreAtMostTheNumber(int count, bool isAllowed) =>
        Allows(ToolFormat.Json.CreateConstraint([s_time], isRequired: true, maxCallCount: 3), string.Join('\n', Enumerable.Repeat(ToolFormat.Json.WriteCall(Call("time", "{}")), count))).Should().Be(isAllowed);

    [Fact]
    public async Task CreateConstraint_NotRequired_IsTextAsWithoutTools()
    {
        var free = new GenerationOptions { Temperature = 0, MaxTokens = 40 };
        string text = (await demonstration.Model.GenerateTextAsync("Once upon a time", free)).Text;

        (await demonstration.Model.GenerateTextAsync("Once upon a time", free with { Constraint = ToolFormat.Json.CreateConstraint([s_time]) })).Text.Trim().Should().Be(text.Trim());
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("It is <b> or <tool> or <tool_call", true)]
    [InlineData("<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>", true)]
    [InlineData("It is\n<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>", true)]
    [InlineData("It is <tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>", true)]
    [InlineData("<tool_call>", false)]
    [InlineData("It is <tool_call> of", false)]
    [InlineData("<tool_call>\n{\"name\": \"other\", \"arguments\": {}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"time\", \"arguments\": {\"a\": 1}}\n</tool_call>", false)]
    [InlineData("<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call> and", false)]
    [InlineData("<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>", false)]
    public void CreateConstraint_NotRequired_AllowsTextAndThenAWholeCall(string text, bool isAllowed) =>
        Allows(ToolFormat.Json.CreateConstraint([s_time]), text).Should().Be(isAllowed);

    [Fact]
    public async Task CreateConstraint_AnswerSchema_IsACallOrThatJson()
    {
        for (ulong seed = 1; seed <= 8; seed++)
        {
            (string text, List<LlamaToolCall> calls) = await GenerateAsync(ToolFormat.Json.CreateConstraint([s_time], answerSchema: """{ "type": "boolean" }"""), seed);

            (calls.Count == 1 ? text.Length == 0 : text is "true" or "false").Should().BeTrue("'{0}' and {1} calls", text, calls.Count);
        }
    }

    [Fact]
    public void CreateConstraint_SchemaThatCannotBeEnforced_NamesToolAndPath() =>
        FluentActions.Invoking(() => ToolFormat.Json.CreateConstraint([s_time, new LlamaTool("find", "", JsonElement.Parse("""{ "properties": { "a": { "type": "string", "pattern": "(a)\\1" } } }"""))]))
            .Should().Throw<OutputConstraintException>().WithMessage("*'find'*").Which.Path.Should().Be("/properties/a/pattern");

    // A $ref in the schema of a tool is resolved within that schema.
    [Fact]
    public async Task CreateConstraint_SchemaWithReferences_IsResolvedInItself()
    {
        var tool = new LlamaTool("tree", "", JsonElement.Parse("""{ "$defs": { "leaf": { "const": 7 } }, "properties": { "leaf": { "$ref": "#/$defs/leaf" } }, "required": ["leaf"], "additionalProperties": false }"""));

        (await GenerateAsync(ToolFormat.Json.CreateConstraint([tool], isRequired: true), seed: 2)).Calls.Single().Arguments.GetRawText().Should().Be("""{"leaf": 7}""");
    }

    // Half of a surrogate pair is not valid Unicode.
    [Fact]
    public void WriteResult_TextThatIsNotUnicode_IsWrittenAsText()
    {
        ToolFormat.Json.WriteResult("a\uD800").Should().Contain("\"content\": \"a\uD800\"");
        ToolFormat.Json.WriteResult("\"\\uD800\"").Should().Contain("content");
        FluentActions.Invoking(() => new LlamaTool("a", "", JsonElement.Parse("{ \"description\": \"\\uD800\" }"))).Should().Throw<ArgumentException>().WithMessage("*surrogate*");
        FluentActions.Invoking(() => new LlamaTool("a", "", JsonElement.Parse(new string('[', 80).Replace("[", "{\"a\":") + "1" + new string('}', 80), new JsonDocumentOptions { MaxDepth = 100 })))
            .Should().Throw<ArgumentException>().WithMessage("*64*");
    }

    [Fact]
    public void Announce_ToolsThatCannotBe_AreErrors()
    {
        FluentActions.Invoking(() => ToolFormat.Json.Announce([])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => ToolFormat.Json.Announce([s_time, new LlamaTool("time")])).Should().Throw<ArgumentException>().WithMessage("*'time'*");
        FluentActions.Invoking(() => ToolFormat.Json.CreateConstraint([s_time], maxCallCount: 65)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new LlamaTool("")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new LlamaTool(new string('a', 257))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new LlamaTool("a", "", JsonElement.Parse("""{ "type": "string" }"""))).Should().Throw<ArgumentException>().WithMessage("*'a'*object*");
    }

    private static LlamaToolCall Call(string name, string arguments) => new(name, JsonElement.Parse(arguments));

    private static (string Text, List<LlamaToolCall> Calls) Read(string text)
    {
        List<LlamaToolCall> calls = [];
        ToolCallReader reader = ToolFormat.Json.CreateReader();
        return (reader.Append(text, calls) + reader.Flush(), calls);
    }

    private bool Allows(OutputConstraint constraint, string text)
    {
        var matcher = new GrammarMatcher(constraint.Compile(TokenBytes.Of(demonstration.Model.Tokenizer)), limitsTokens: false);
        return matcher.TryAccept(Encoding.UTF8.GetBytes(text)) && matcher.CanEnd;
    }

    private async Task<(string Text, List<LlamaToolCall> Calls)> GenerateAsync(OutputConstraint constraint, ulong seed)
    {
        var options = new GenerationOptions { Constraint = constraint, Seed = seed, Temperature = 2, TopK = 0, TopP = 1, MinP = 0, MaxTokens = 200 };
        return Read((await demonstration.Model.GenerateTextAsync("What time is it?", options)).Text);
    }
}
