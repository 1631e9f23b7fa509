using System.Text.Json;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;
using Llama2.Templating.Values;

namespace Llama2.Tests.Templating.Rendering;

public class JinjaTemplateTests
{
    // The expected texts were rendered by jinja2: tests/Reference/templates.py.
    private static readonly string[] s_cases = File.ReadAllLines(RepositoryFiles.Committed("tests", "data", "templates", "features.jsonl"));

    // Templates that an earlier version refused or rendered differently from jinja2, each with jinja2's text and the reason.
    private static readonly string[] s_reported = File.ReadAllLines(RepositoryFiles.Committed("tests", "data", "templates", "reported.jsonl"));

    private static readonly string[] s_conversations =
        RepositoryFiles.HasShared ? File.ReadAllLines(RepositoryFiles.Golden("chat", "cases.jsonl")) : [];

    public static TheoryData<int> Cases => [.. Enumerable.Range(1, s_cases.Length - 1)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Render_Feature_IsAsJinja2HasIt(int index)
    {
        using JsonDocument variables = JsonDocument.Parse(s_cases[0]), document = JsonDocument.Parse(s_cases[index]);
        string template = document.RootElement.GetProperty("template").GetString()!;
        string? expected = document.RootElement.GetProperty("rendered").GetString();

        Func<string> render = () => JinjaTemplate.Parse(template)
            .Render(TemplateVariables.Of(variables.RootElement.GetProperty("variables")), TemplateLimits.Default).Text;

        if (expected is null)
            render.Should().Throw<PromptTemplateException>(template).Which.Line.Should().Be(1);
        else
            render().Should().Be(expected, template);
    }

    public static TheoryData<string> Reported => [.. s_reported.Select(line => Member(line, "name"))];

    [Theory]
    [MemberData(nameof(Reported))]
    public void Render_ReportedTemplate_IsAsJinja2HasIt(string name)
    {
        string line = s_reported.Single(line => Member(line, "name") == name);
        using JsonDocument document = JsonDocument.Parse(line);

        string text = PromptTemplate.Parse(Member(line, "template"))
            .Render(document.RootElement.GetProperty("messages"), "<s>", "</s>", addGenerationPrompt: false).Text;

        text.Should().Be(Member(line, "expected"), Member(line, "why"));
    }

    [GoldenFact]
    public void Render_GoldenConversations_AreAsJinja2HasThem()
    {
        s_conversations.Should().HaveCount(144);
        foreach (string line in s_conversations)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement golden = document.RootElement;
            string? expected = golden.GetProperty("rendered").GetString();
            Func<RenderedTemplate> render = () => PromptTemplate.Parse(golden.GetProperty("template").GetString()!).Render(
                golden.GetProperty("messages"),
                golden.GetProperty("bos_token").GetString(),
                golden.GetProperty("eos_token").GetString(),
                golden.GetProperty("add_generation_prompt").GetBoolean());

            if (expected is null)
                render.Should().Throw<PromptTemplateException>().WithMessage($"*{golden.GetProperty("error").GetString()}*");
            else
                render().Text.Should().Be(expected);
        }
    }

    [Fact]
    public void Render_ByManyThreads_GivesEachItsOwn()
    {
        JinjaTemplate template = JinjaTemplate.Parse("{% set ns = namespace(s='') %}{% for i in range(50) %}{% set ns.s = ns.s ~ n %}{% endfor %}{{ ns.s }}");

        Parallel.For(0, 64, n => template.Render(new Dictionary<string, TemplateValue> { ["n"] = IntegerValue.Of(n) }, TemplateLimits.Default)
            .Text.Should().Be(string.Concat(Enumerable.Repeat(n, 50))));
    }

    [Fact]
    public void Render_RaiseException_KeepsItsMessage()
    {
        PromptTemplateException exception = Refusal("line\n  {{ raise_exception('Roles must alternate!') }}");

        exception.Message.Should().Be("Roles must alternate!");
        (exception.Line, exception.Column).Should().Be((2, 21));
    }

    [Theory]
    [InlineData("a\nb {{ 1 + nope.x }}", 2, 14, "'nope' is undefined")]
    [InlineData("{{ 1 +\n  'a' }}", 1, 6, "'+' between int and str")]
    [InlineData("x\r\ny{% for %}", 2, 9, "a variable's name is expected")]
    [InlineData("{% if x %}\n\n{% endfor %}", 3, 4, "endif")]
    [InlineData("a\n{% include 'x' %}", 2, 4, "another template")]
    [InlineData("{% autoescape true %}{% endautoescape %}", 1, 4, "plain text")]
    [InlineData("{% do x %}", 1, 4, "unknown tag 'do'")]
    [InlineData("{{ 'x'|upper|random }}", 1, 14, "there is no filter 'random'")]
    [InlineData("{% if true %}{{ 'x'|upper|random }}{% endif %}", 1, 27, "there is no filter 'random'")]
    [InlineData("{{ f(a=1, b) }}", 1, 11, "follows one with a name")]
    [InlineData("{{ f(a=1, a=2) }}", 1, 11, "twice")]
    [InlineData("{{ [1]|map('upper') }}", 1, 8, "'|list'")]
    [InlineData("{{ '\\N{DASH}' }}", 1, 5, "\\N")]
    [InlineData("{% block a %}{% endblock %}{% block a %}{% endblock %}", 1, 31, "defined twice")]
    [InlineData("{{ {[]: 2} }}", 1, 5, "a key of a dict is of type list")]
    [InlineData("{{ (-8) ** 0.5 }}", 1, 9, "complex")]
    [InlineData("{{ self }}", 1, 4, "'self' is used; blocks cannot be called: write a macro")]
    [InlineData("{{ self is defined }}", 1, 4, "'self'")]
    [InlineData("{% block a %}{% endblock %}{{ self.a() }}", 1, 31, "'self'")]
    [InlineData("{% for a, loop in x %}{% endfor %}", 1, 11, "'loop' is the loop's own variable there: choose another name")]
    [InlineData("{{ 5.bit_length }}", 1, 5, "'bit_length' of a value of type int")]
    [InlineData("{{ true.to_bytes is defined }}", 1, 8, "'to_bytes' of a value of type bool")]
    [InlineData("{{ 5.5.hex() }}", 1, 7, "'hex' of a value of type float")]
    [InlineData("{{ 'a'.encode is defined }}", 1, 7, "'encode' of a value of type str")]
    [InlineData("{{ ('a'|safe).striptags() }}", 1, 14, "'striptags'")]
    [InlineData("{{ ['a']|map(attribute='casefold')|list }}", 1, 36, "'casefold'")]
    [InlineData("{{ {}.fromkeys }}", 1, 6, "'fromkeys' of a value of type dict")]
    [InlineData("{{ {}.keys().mapping }}", 1, 13, "'mapping' of a value of type dict_keys")]
    [InlineData("{{ ([1]|map('string')).send }}", 1, 23, "'send' of a value of type generator")]
    [InlineData("{{ dict.keys }}", 1, 8, "'keys' of a value of type function")]
    [InlineData("{{ cycler.next is defined }}", 1, 10, "'next' of a value of type function")]
    [InlineData("{{ joiner().used }}", 1, 12, "'used' of a value of type function")]
    [InlineData("{{ lipsum() }}", 1, 10, "'lipsum' is called; it is not supported")]
    [InlineData("{{ 'random' is filter }}", 1, 16, "the filter 'random' is not supported")]
    [InlineData("{% for i in [1] %}{{ loop|list }}{% endfor %}", 1, 27, "LoopContext")]
    public void Render_Fault_NamesLineAndColumn(string template, int line, int column, string what)
    {
        PromptTemplateException exception = Refusal(template);

        (exception.Line, exception.Column).Should().Be((line, column), exception.Message);
        exception.Message.Should().StartWith($"Chat template, line {line}, column {column}: ").And.Contain(what).And.EndWith(".");
    }

    [Theory]
    [InlineData("{{ strftime_now('%Y-%m-%d %H:%M:%S %j') }}", "2024-02-09 08:05:03 040")]
    [InlineData("{{ strftime_now('%c|%C|%e|%f|%g %G %V|%k|%l|%R|%r|%s|%u %w|%U %W|%P|%n%t|%z') }}", "Fri Feb  9 08:05:03 2024|20| 9|000000|24 2024 06| 8| 8|08:05|08:05:03 AM|1707465903|5 5|05 06|am|\n\t|")]
    [InlineData("{{ strftime_now('%_d|%_m|%-m|%^a|%#b|%#p|%5d|%Q|%') }}", " 9| 2|2|FRI|FEB|am|00009|%Q|%")]
    [InlineData("{{ strftime_now('%-d %B %y, %a %A %b %e %I %p %D %F %T %%') }}", "9 February 24, Fri Friday Feb  9 08 AM 02/09/24 2024-02-09 08:05:03 %")]
    public void Render_StrftimeNow_FormatsTheClocksTime(string template, string expected) =>
        JinjaTemplate.Parse(template).Render(TemplateVariables.None, TemplateLimits.Default, new FixedClock(), CancellationToken.None).Text.Should().Be(expected);

    private static string Member(string line, string name)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty(name).GetString()!;
    }

    private static PromptTemplateException Refusal(string template) =>
        new Action(() => TemplateVariables.Render(template)).Should().Throw<PromptTemplateException>().Which;

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 2, 9, 8, 5, 3, TimeSpan.Zero);
    }
}
