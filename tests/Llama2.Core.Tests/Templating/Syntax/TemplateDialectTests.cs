using System.Text.Json;
using Llama2.Templating.Limits;
using Llama2.Templating.Rendering;
using Llama2.Templating.Syntax;
using Llama2.Templating.Values;

namespace Llama2.Tests.Templating.Syntax;

public class TemplateDialectTests
{
    // The expected texts were rendered by jinja2: tests/Reference/template_dialects.py.
    private static readonly string[] s_cases = File.ReadAllLines(RepositoryFiles.Committed("tests", "data", "templates", "strict.jsonl"));

    private static readonly TemplateDialect s_strict = new() { TrimsBlocks = false, KeepsTrailingNewline = true, IsStrict = true };

    public static TheoryData<int> Cases => [.. Enumerable.Range(1, s_cases.Length - 1)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Render_StrictDialect_IsAsJinja2HasIt(int index)
    {
        using JsonDocument variables = JsonDocument.Parse(s_cases[0]), document = JsonDocument.Parse(s_cases[index]);
        string template = document.RootElement.GetProperty("template").GetString()!;
        string? expected = document.RootElement.GetProperty("rendered").GetString();

        Func<string> render = () => JinjaTemplate.Parse(template, s_strict)
            .Render(TemplateVariables.Of(variables.RootElement.GetProperty("variables")), TemplateLimits.Default).Text;

        if (expected is null)
            render.Should().Throw<PromptTemplateException>(template).Which.Line.Should().Be(1);
        else
            render().Should().Be(expected, template);
    }

    [Fact]
    public void Parse_FilterOfTheDialect_ReplacesThatOfJinja2()
    {
        var dialect = new TemplateDialect
        {
            Filters = new Dictionary<string, TemplateFunction>
            {
                ["upper"] = (_, _, _) => TextValue.Own("mine"),
                ["exclaim"] = (context, value, _) => TextValue.Concatenate(context, [PythonText.Of(context, value), TextValue.Own("!")]),
            },
        };

        string text = JinjaTemplate.Parse("{{ 'a' | exclaim }} {{ 'a' | upper }} {{ 'B' | lower }}", dialect).Render(TemplateVariables.None, TemplateLimits.Default).Text;

        text.Should().Be("a! mine b");
    }
}
