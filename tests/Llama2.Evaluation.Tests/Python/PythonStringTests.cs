using System.Text.Json;
using Llama2.Evaluation.Python;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Evaluation.Tests.Python;

public sealed class PythonStringTests
{
    // Computed by Python: tests/Reference/python_text.py.
    private static readonly JsonElement s_golden = GoldenFile.Read("python-text.json");

    [Fact]
    public void Methods_Texts_AreThoseOfPython()
    {
        foreach (JsonElement row in s_golden.GetProperty("lower").EnumerateArray())
        {
            string text = row[0].GetString()!;
            new[] { PythonString.Lower(text), PythonString.Upper(text), PythonString.Capitalize(text), PythonString.Strip(text) }
                .Should().Equal([.. row.EnumerateArray().Skip(1).Select(item => item.GetString()!)], text);
        }
    }

    [Fact]
    public void RemovePunctuation_AllCharacters_RemovesPythonsPunctuation()
    {
        string characters = s_golden.GetProperty("characters").GetString()!, punctuation = s_golden.GetProperty("punctuation").GetString()!;

        PythonString.RemovePunctuation(characters).Should().Be(string.Concat(characters.Where(character => !punctuation.Contains(character))));
        PythonString.RemoveDigits("a1b²٣2").Should().Be("ab²٣");
    }

    public static TheoryData<int> Literals => [.. Enumerable.Range(0, s_golden.GetProperty("literals").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Literals))]
    public void Read_Literal_IsWhatPythonReads(int index)
    {
        JsonElement row = s_golden.GetProperty("literals")[index];
        string text = row.GetProperty("text").GetString()!;

        TemplateValue? value = PythonLiteral.Read(text);

        string? printed = value is null ? null
            : PythonText.Representation(new RenderContext(new SourceText(""), TemplateLimits.Default, TimeProvider.System, default), value).Text;
        printed.Should().Be(row.GetProperty("repr").GetString(), text);
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('(', ')')]
    public void Read_DeepNesting_IsNoLiteral(char open, char close)
        => PythonLiteral.Read(new string(open, 100_000) + new string(close, 100_000)).Should().BeNull();
}
