using System.Globalization;
using System.Text.Json;

namespace Llama2.Tests.Grammar;

/// <summary>
/// Schemas, patterns, grammars and tools that would take much time or memory: each is refused or compiled within 100 ms and 64 MiB. The same limits
/// apply to each mask and each token of a text that is generated under the constraint.
/// </summary>
public class HostileConstraintTests(DemonstrationModel demonstration) : IClassFixture<DemonstrationModel>
{
    private const long MaxByteSize = 64 << 20;
    private const int StepCount = 24;

    private static readonly TimeSpan s_maxTime = TimeSpan.FromMilliseconds(100);

    private static readonly Dictionary<string, string> s_schemas = new()
    {
        ["constants that are objects"] = "{\"enum\":[" + List(1500, i => $"{{\"a\":{i},\"b\":\"x{i}\"}}") + "]}",
        ["constants that are arrays"] = "{\"enum\":[" + List(10_000, i => $"[{i}]") + "]}",
        ["constants that are integers"] = "{\"enum\":[" + List(100_000, i => Number(i * 7919)) + "]}",
        ["constants that are strings"] = "{\"enum\":[" + List(60_000, i => $"\"v{(uint)i * 2654435761}\"") + "]}",
        ["constants that are fractions"] = "{\"enum\":[" + List(3000, i => $"{i}.5") + "]}",
        ["constants with exponents"] = "{\"enum\":[" + List(2000, i => $"{i}e{i % 300}") + "]}",
        ["excluded integers"] = "{\"type\":\"integer\",\"not\":{\"enum\":[" + List(3000, i => Number(i * 3)) + "]}}",
        ["a long string"] = "{\"const\":\"" + Repeat("ab", 200_000) + "\"}",
        ["a wide array"] = "{\"const\":[" + List(50_000, _ => "1") + "]}",
        ["a wide object"] = "{\"const\":{" + List(20_000, i => $"\"p{i}\":1") + "}}",
        ["many properties"] = "{\"type\":\"object\",\"properties\":{" + List(5000, i => $"\"p{i}\":{{\"type\":\"string\"}}") + "}}",
        ["many required names"] = "{\"type\":\"object\",\"required\":[" + List(5000, i => $"\"p{i}\"") + "]}",
        ["very many properties"] = "{\"type\":\"object\",\"properties\":{" + List(20_000, i => $"\"p{i}\":{{}}") + "}}",
        ["very many required properties"] = "{\"properties\":{" + List(15_000, i => $"\"p{i}\":{{}}") + "},\"required\":[" + List(15_000, i => $"\"p{i}\"") + "]}",
        ["many rules"] = "{\"properties\":{" + List(2000, i => $"\"p{i}\":{{\"type\":\"object\",\"properties\":{{\"q{i}\":{{\"maxLength\":{i}}}}}}}") + "}}",
        ["counted properties"] = "{\"minProperties\":100,\"maxProperties\":200,\"additionalProperties\":false,\"properties\":{" + List(300, i => $"\"p{i}\":{{\"type\":\"integer\"}}") + "}}",
        ["nested alternatives"] = Repeat("{\"anyOf\":[{\"type\":\"string\"},", 60) + "{}" + Repeat("]}", 60),
        ["nested exclusions"] = Repeat("{\"not\":", 120) + "{\"type\":\"string\"}" + Repeat("}", 120),
        ["a web of alternatives"] = Web(30, i => $"{{\"anyOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\",\"minLength\":{i}}}]}}"),
        ["a web of exclusive alternatives"] = Web(30, i => $"{{\"oneOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\",\"maxLength\":3}},{{\"$ref\":\"#/$defs/d{i + 1}\",\"minLength\":{i}}}]}}"),
        ["a chain of references"] = Web(5000, i => $"{{\"$ref\":\"#/$defs/d{i + 1}\"}}"),
        ["a web of objects"] = Web(300, i => $"{{\"type\":\"object\",\"properties\":{{{List(50, j => $"\"p{j}\":{{\"$ref\":\"#/$defs/d{((i * 7) + j) % 300}\"}}")}}}}}"),
        ["a web of alternative objects"] = Web(60, _ => $"{{\"anyOf\":[{List(60, j => $"{{\"type\":\"object\",\"properties\":{{\"p{j}\":{{\"$ref\":\"#/$defs/d{j}\"}}}}}}")}]}}"),
        ["many open objects"] = "{\"anyOf\":[" + List(1000, i => $"{{\"type\":\"object\",\"properties\":{{\"a{i}\":{{\"type\":\"string\"}},\"b\":{{\"type\":\"integer\"}}}}}}") + "]}",
        ["many closed objects"] = "{\"anyOf\":[" + List(1000, i => $"{{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{{\"kind\":{{\"const\":\"k{i}\"}},\"b\":{{\"maximum\":{i}}}}}}}") + "]}",
        ["many large objects"] = "{\"anyOf\":[" + List(300, i => $"{{\"type\":\"object\",\"properties\":{{{List(60, j => $"\"q{j}\":{{\"maxLength\":{j}}}")},\"z{i}\":{{}}}},\"additionalProperties\":{(i % 2 == 0 ? "false" : "true")}}}") + "]}",
        ["many arrays"] = "{\"anyOf\":[" + List(1000, i => $"{{\"type\":\"array\",\"minItems\":{i},\"maxItems\":{i + 10}}}") + "]}",
        ["many recursive arrays"] = "{\"anyOf\":[" + List(1000, i => $"{{\"type\":\"array\",\"minItems\":{i % 7},\"items\":{{\"$ref\":\"#\"}}}}") + "]}",
        ["many demands on a text"] = "{\"type\":\"string\",\"allOf\":[" + List(100, i => $"{{\"pattern\":\"x{i}y\"}}") + "]}",
        ["many exclusive objects"] = "{\"oneOf\":[" + List(1000, i => $"{{\"type\":\"object\",\"properties\":{{\"a{i}\":{{\"type\":\"string\"}},\"b\":{{\"type\":\"integer\"}}}}}}") + "]}",
        ["products of alternatives"] = "{\"allOf\":[" + List(10, i => $"{{\"anyOf\":[{{\"properties\":{{\"a{i}\":{{\"type\":\"string\"}}}}}},{{\"properties\":{{\"b{i}\":{{\"type\":\"string\"}}}}}}]}}") + "]}",
        ["dependent schemas"] = "{\"type\":\"object\",\"dependentSchemas\":{" + List(200, i => $"\"a{i}\":{{\"required\":[\"b{i}\"]}}") + "}}",
        ["dependent names"] = "{\"type\":\"object\",\"dependentRequired\":{" + List(10, i => $"\"a{i}\":[\"b{i}\"]") + "}}",
        ["conditions"] = "{\"allOf\":[" + List(30, i => $"{{\"if\":{{\"properties\":{{\"k\":{{\"const\":{i}}}}},\"required\":[\"k\"]}},\"then\":{{\"required\":[\"v{i}\"]}}}}") + "]}",
        ["patterns of names"] = "{\"type\":\"object\",\"patternProperties\":{" + List(6, i => $"\"^.*[a-m]{{{i + 2}}}.*$\":{{\"minimum\":{i}}}") + "}}",
        ["patterns of names in Unicode"] = "{\"type\":\"object\",\"patternProperties\":{" + List(6, i => $"\"^\\\\p{{L}}{{{i + 1},20}}$\":{{\"minimum\":{i}}}") + "}}",
        ["many items"] = "{\"type\":\"array\",\"minItems\":100000}",
        ["many different items, excluded"] = "{\"not\":{\"type\":\"array\",\"prefixItems\":[" + List(900, i => $"{{\"maximum\":{i}}}") + "]}}",
        ["counted items"] = "{\"type\":\"array\",\"allOf\":[" + List(4, i => $"{{\"contains\":{{\"minimum\":{i}}},\"minContains\":5,\"maxContains\":7}}") + "]}",
        ["a long text"] = "{\"type\":\"string\",\"minLength\":1000000}",
        ["multiples of a large number"] = "{\"type\":\"integer\",\"multipleOf\":99999989}",
        ["multiples of a large number beyond a larger one"] = "{\"type\":\"integer\",\"multipleOf\":99999989,\"minimum\":123456789123456789123456789}",
        ["excluded multiples"] = "{\"type\":\"integer\",\"allOf\":[" + List(20, i => $"{{\"not\":{{\"multipleOf\":{(i * 2) + 3}}}}}") + "]}",
        ["bounds of many digits"] = "{\"anyOf\":[" + List(300, i => $"{{\"type\":\"number\",\"minimum\":{i + 1}{Repeat("7", 300)},\"maximum\":{i + 2}{Repeat("7", 300)}}}") + "]}",
        ["several formats at once"] = "{\"type\":\"string\",\"allOf\":[{\"format\":\"uri\"},{\"format\":\"email\"},{\"format\":\"iri\"},{\"format\":\"hostname\"}]}",
        ["identifiers"] = "{\"$ref\":\"http://x/y\",\"$defs\":{" + List(8000, i => $"\"a{i}\":{{\"$id\":\"http://x/{i}\",\"$anchor\":\"a{i}\"}}") + "}}",
        ["schemas that are none"] = "{\"type\":\"object\",\"properties\":{" + List(30_000, i => $"\"p{i}\":1") + "}}",
        ["long names on a deep path"] = Repeat("{\"properties\":{\"" + Repeat("n", 5000) + "\":", 30) + "{\"properties\":{" + List(20_000, i => $"\"a{i}\":{{}}") + "}}" + Repeat("}}", 30),
        ["a long reference"] = "{\"$ref\":\"#" + Repeat("/a", 100_000) + "\"}",
        ["brackets"] = Repeat("[", 500_000),
    };

    private static readonly Dictionary<string, string> s_patterns = new()
    {
        ["nested counts"] = "^(((a|b){1,100}c?){1,100}d?){1,100}$",
        ["optional parts"] = "^" + Repeat("a?", 500) + Repeat("a", 500) + "$",
        ["a place before the end"] = "(a|b)*a(a|b){20}$",
        ["a place before the end of any text"] = ".*a.{15}$",
        ["a distance"] = "a.{30}b",
        ["demands"] = "^" + string.Concat(Enumerable.Range(0, 20).Select(i => $"(?=.*{(char)('a' + i)})")) + ".{10,}$",
        ["letters"] = "^(\\p{L}{1,50}\\P{L}{1,50}){1,50}$",
        ["many words"] = "^(" + string.Join('|', Enumerable.Range(0, 20_000).Select(i => $"w{(uint)i * 2654435761}")) + ")$",
        ["a million alternatives"] = Repeat("|", 1_000_000),
        ["deep groups"] = Repeat("(", 100_000) + "a" + Repeat(")", 100_000),
        ["powers of two"] = Repeat("(", 15) + "a" + Repeat("){2}", 15),
        ["a long literal"] = Repeat("abcdef", 50_000),
        ["many classes"] = "^" + string.Concat(Enumerable.Range(0, 300).Select(i => $"[\\u{(i * 13) + 0x100:x4}-\\u{(i * 13) + 0x300:x4}]?")) + "$",
        ["stars"] = "^" + Repeat("a*b*", 200) + "$",
        ["ambiguous words"] = "^(\\w{1,20}\\s?){1,40}$",
        ["a large count"] = "^(ab?){0,2000000000}$",
    };

    private static readonly Dictionary<string, string> s_grammars = new()
    {
        ["ambiguity"] = "root ::= root root root | root root | [a-z] | [a-m]+ | \"\"",
        ["hidden left recursion"] = "root ::= e root \"a\" | \"c\"\ne ::= \"\" | \"x\"",
        ["a count"] = "root ::= (\"a\" x){10000}\nx ::= \"b\" x | \"c\"",
        ["counts of counts"] = "root ::= (((\"a\" x){0,100}){0,100}){0,100}\nx ::= \"b\" x | \"c\"",
        ["many alternatives"] = "root ::= " + string.Join(" | ", Enumerable.Range(0, 50_000).Select(i => $"\"w{i}\"")),
        ["a million alternatives"] = "root ::= " + Repeat("|", 1_000_000) + "\"a\"",
        ["many rules"] = "root ::= " + string.Join(" | ", Enumerable.Range(0, 20_000).Select(i => $"r{i}")) + "\n" + string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $"r{i} ::= \"w{i}\" root?")),
        ["powers of two"] = string.Join('\n', Enumerable.Range(0, 40).Select(i => $"{(i == 0 ? "root" : $"r{i}")} ::= {(i == 39 ? "\"a\"" : $"r{i + 1} r{i + 1}")}")),
        ["rules for nothing"] = "root ::= " + string.Join(' ', Enumerable.Range(0, 300).Select(i => $"r{i}")) + "\n" + string.Join('\n', Enumerable.Range(0, 300).Select(i => $"r{i} ::= r{(i * 7) % 300} | \"x{i}\" root \"y\" | \"\"")),
        ["rules of rules"] = "root ::= r0\n" + string.Join('\n', Enumerable.Range(0, 300).Select(i => $"r{i} ::= {string.Join(" | ", Enumerable.Range(0, 300).Select(j => $"r{j}"))} | \"x{i}\" root \"y\"")),
        ["deep groups"] = "root ::= " + Repeat("(", 100_000) + "\"a\"" + Repeat(")", 100_000),
    };

    private static readonly JsonElement s_counted = JsonElement.Parse(s_schemas["counted properties"]);

    private readonly ModelTokenizer _tokenizer = demonstration.Model.Tokenizer;

    public static TheoryData<string> Schemas => new(s_schemas.Keys);

    public static TheoryData<string> Patterns => new(s_patterns.Keys);

    public static TheoryData<string> Grammars => new(s_grammars.Keys);

    [Theory]
    [MemberData(nameof(Schemas))]
    public void JsonSchema_Hostile_KeepsTheLimitsAndNamesThePath(string name) => Check(() => OutputConstraint.JsonSchema(s_schemas[name]), hasPath: true);

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Regex_Hostile_KeepsTheLimits(string name) => Check(() => OutputConstraint.Regex(s_patterns[name]), hasPath: false);

    [Theory]
    [MemberData(nameof(Patterns))]
    public void JsonSchema_HostilePattern_KeepsTheLimitsAndNamesThePath(string name)
    {
        string pattern = JsonSerializer.Serialize(s_patterns[name]);

        Check(() => OutputConstraint.JsonSchema($"{{\"type\":\"string\",\"maxLength\":100,\"minLength\":3,\"pattern\":{pattern}}}"), hasPath: true);
    }

    [Theory]
    [MemberData(nameof(Grammars))]
    public void Grammar_Hostile_KeepsTheLimits(string name) => Check(() => OutputConstraint.Grammar(s_grammars[name]), hasPath: false);

    [Theory]
    [InlineData(400_000, 1)]
    [InlineData(20_000, 16)]
    [InlineData(1, 1 << 20)]
    public void Choice_Hostile_KeepsTheLimits(int count, int length)
    {
        string[] texts = [.. Enumerable.Range(0, count).Select(i => ((ulong)i * 0x9E3779B97F4A7C15).ToString("x16", CultureInfo.InvariantCulture)[..Math.Min(length, 16)].PadRight(length, 'a'))];

        Check(() => OutputConstraint.Choice(texts), hasPath: false);
    }

    [Fact]
    public void Tools_Hostile_KeepTheLimitsAndNameTheTool()
    {
        LlamaTool[] tools = [.. Enumerable.Range(0, ToolFormat.MaxToolCount).Select(i => new LlamaTool($"tool{i}", "", s_counted))];

        Check(() => ToolFormat.Json.CreateConstraint(tools, isRequired: true), hasPath: true);
        new Action(() => ToolFormat.Json.CreateConstraint(tools)).Should().Throw<OutputConstraintException>().WithMessage("*parameters of the tool 'tool*");
    }

    [Fact]
    public void Constraints_LargeButOrdinary_AreNotRefused()
    {
        JsonElement parameters = JsonElement.Parse("""{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1,"maximum":14},"unit":{"enum":["C","F"]}},"required":["city"]}""");
        LlamaTool[] tools = [.. Enumerable.Range(0, ToolFormat.MaxToolCount).Select(i => new LlamaTool($"tool{i}", "", parameters))];
        OutputConstraint[] constraints =
        [
            ToolFormat.Json.CreateConstraint(tools, isRequired: true),
            OutputConstraint.JsonSchema("{\"enum\":[" + List(1000, i => $"\"value {i}\"") + "]}"),
            OutputConstraint.JsonSchema("{\"type\":\"object\",\"properties\":{" + List(500, i => $"\"property{i}\":{{\"type\":\"string\"}}") + "}}"),
            OutputConstraint.JsonSchema("{\"type\":\"string\",\"minLength\":1000,\"maxLength\":100000}"),
            OutputConstraint.Regex("[a-z ]{1,20000}"),
            OutputConstraint.Choice(Enumerable.Range(0, 2000).Select(i => $"choice {i}")),
        ];

        foreach (OutputConstraint constraint in constraints)
            constraint.CreateMatcher(_tokenizer).ComputeMask().ContainsAnyExcept(0UL).Should().BeTrue();
    }

    private static string List(int count, Func<int, string> item) => string.Join(',', Enumerable.Range(0, count).Select(item));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string Web(int count, Func<int, string> schema) =>
        "{\"$ref\":\"#/$defs/d0\",\"$defs\":{" + List(count, i => $"\"d{i}\":{schema(i)}") + $",\"d{count}\":{{\"type\":\"string\"}}}}}}";

    private void Check(Func<OutputConstraint> create, bool hasPath)
    {
        OutputConstraint? constraint = null;
        Action compile = () =>
        {
            try
            {
                constraint = create();
            }
            catch (OutputConstraintException exception)
            {
                (exception.Path is not null).Should().Be(hasPath, exception.Message);
            }
        };
        AllocatedBy(compile).Should().BeLessThan(MaxByteSize);
        TimeLimit.Verify(s_maxTime, compile, attemptCount: 30);
        if (constraint is null)
            return;

        // A constraint creates a state when a text first reaches this state, and then keeps it, so each attempt needs a new constraint.
        TimeSpan best = TimeSpan.MaxValue;
        for (int attempt = 0; attempt < 10 && best > s_maxTime; attempt++)
        {
            (TimeSpan time, long allocated) = Follow(create());
            allocated.Should().BeLessThan(MaxByteSize);
            best = time < best ? time : best;
            if (best <= s_maxTime * TimeLimit.MeasureSlowness())
                return;
        }

        best.Should().BeLessThanOrEqualTo(s_maxTime);
    }

    // Follows texts of random allowed tokens. Returns the most time and the most memory that a step took.
    private (TimeSpan Time, long Allocated) Follow(OutputConstraint constraint)
    {
        TimeSpan slowest = TimeSpan.Zero;
        long most = 0;
        for (int seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            var allowed = new List<int>();
            ConstraintMatcher? matcher = null;
            bool isOpen = true;
            for (int step = 0; isOpen && step < StepCount; step++)
            {
                long allocated = 0;
                TimeSpan time = TimeLimit.Measure(() => allocated = AllocatedBy(() => isOpen = TryStep(ref matcher, constraint, allowed, random)));
                slowest = time > slowest ? time : slowest;
                most = Math.Max(most, allocated);
            }
        }

        return (slowest, most);
    }

    // The library may refuse to follow the text any further, because a limit of the constraint is exceeded. The step that ends in this way is measured, too.
    private bool TryStep(ref ConstraintMatcher? matcher, OutputConstraint constraint, List<int> allowed, Random random)
    {
        try
        {
            matcher ??= constraint.CreateMatcher(_tokenizer);
            Read(matcher.ComputeMask(), allowed);
            allowed.RemoveAll(_tokenizer.IsEndOfGeneration);
            if (allowed.Count == 0)
                return false;
            matcher.TryAccept(allowed[random.Next(allowed.Count)]).Should().BeTrue();
            return true;
        }
        catch (OutputConstraintException exception)
        {
            exception.Message.Should().Contain("too large to be followed");
            return false;
        }
    }

    private static long AllocatedBy(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Read(ReadOnlySpan<ulong> mask, List<int> allowed)
    {
        allowed.Clear();
        for (int token = 0; token < mask.Length * 64; token++)
        {
            if ((mask[token >> 6] >> token & 1) != 0)
                allowed.Add(token);
        }
    }
}
