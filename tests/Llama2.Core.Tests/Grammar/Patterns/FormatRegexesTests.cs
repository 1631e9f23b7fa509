using System.Text.Json;
using Llama2.Grammar.Characters;
using Llama2.Grammar.Patterns;
using Llama2.Grammar.Regexes;
using Llama2.Tests.Grammar.Characters;
using Llama2.Tests.Grammar.Regexes;
using Xunit.Abstractions;

namespace Llama2.Tests.Grammar.Patterns;

public class FormatRegexesTests(ITestOutputHelper output)
{
    public static TheoryData<string> Names => [.. (string[])
    [
        "date", "time", "date-time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference",
        "uri-template", "uuid", "json-pointer", "relative-json-pointer",
    ]];

    [GoldenTheory]
    [MemberData(nameof(Names))]
    public void Find_AFormat_AcceptsNothingThatTheTestSuiteCallsInvalid(string name)
    {
        var factory = new RegexFactory();
        RegexNode format = new FormatRegexes(new JsonStringText(factory)).Find(name)!;
        List<string> accepted = [], refused = [];
        int validCount = 0;
        foreach ((string text, bool isValid) in Tests(name))
        {
            bool isAccepted = factory.Matches(format, JsonSpelling.Write(text, new Random(1)));
            validCount += isValid ? 1 : 0;
            if (isAccepted && !isValid)
                accepted.Add(text);
            if (!isAccepted && isValid)
                refused.Add(text);
        }

        output.WriteLine($"{name}: {refused.Count} of {validCount} valid ones are refused: {string.Join("  ", refused)}");
        accepted.Should().BeEmpty();
        refused.Count.Should().BeLessThan(validCount);
    }

    [Theory]
    [InlineData("date", "2024-02-29")]
    [InlineData("date-time", "2024-01-31T23:59:59.123456+02:00")]
    [InlineData("time", "00:00:00Z")]
    [InlineData("duration", "P1Y2M3DT4H")]
    [InlineData("email", "jane.doe+news@mail.example.org")]
    [InlineData("idn-email", "josé@exämple.org")]
    [InlineData("hostname", "a-1.example.com")]
    [InlineData("idn-hostname", "bücher.example")]
    [InlineData("ipv4", "255.0.10.1")]
    [InlineData("ipv6", "2001:db8::ff00:42:8329")]
    [InlineData("ipv6", "::ffff:192.0.2.1")]
    [InlineData("uri", "https://user@example.com:8080/a/b?c=d&e=%20#f")]
    [InlineData("uri", "a:now,")]
    [InlineData("uri-reference", "../a?b")]
    [InlineData("iri", "https://exämple.org/ü?x")]
    [InlineData("iri-reference", "ü")]
    [InlineData("uri-template", "/users/{id}{?page,size*}")]
    [InlineData("uuid", "123e4567-e89b-12d3-a456-426614174000")]
    [InlineData("json-pointer", "/a~1b/0")]
    [InlineData("relative-json-pointer", "1/a")]
    public void Find_AFormat_AcceptsAnOrdinaryText(string name, string text)
    {
        foreach (TextEncoding encoding in (TextEncoding[])[new Utf8Text(new RegexFactory()), new JsonStringText(new RegexFactory())])
        {
            RegexNode format = new FormatRegexes(encoding).Find(name)!;
            encoding.Factory.Matches(format, text).Should().BeTrue();
            encoding.Factory.Matches(format, text + "~2 ").Should().BeFalse();
        }
    }

    [Fact]
    public void Find_Date_HasTheDaysOfTheCalendar()
    {
        var encoding = new Utf8Text(new RegexFactory());
        RegexNode date = new FormatRegexes(encoding).Find("date")!;
        foreach (int year in (int[])[1, 4, 100, 400, 1900, 1999, 2000, 2023, 2024, 2100, 9999])
        {
            for (int month = 0; month <= 13; month++)
            {
                for (int day = 0; day <= 32; day++)
                {
                    bool isDay = month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
                    encoding.Factory.Matches(date, $"{year:D4}-{month:D2}-{day:D2}").Should().Be(isDay, "{0}-{1}-{2}", year, month, day);
                }
            }
        }
    }

    [Fact]
    public void Find_ANameThatIsNotKnown_IsNull() => new FormatRegexes(new Utf8Text(new RegexFactory())).Find("colour").Should().BeNull();

    [Fact]
    public void Find_Regex_IsRefusedByName()
    {
        Action find = () => new FormatRegexes(new Utf8Text(new RegexFactory())).Find("regex");
        find.Should().Throw<PatternException>().WithMessage("no regular expression describes this format*");
    }

    private static IEnumerable<(string Text, bool IsValid)> Tests(string name)
    {
        string path = Path.Combine(RepositoryFiles.Shared, "data", "json-schema-test-suite", "draft2020-12", "optional", "format", name + ".json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        foreach (JsonElement group in document.RootElement.EnumerateArray())
        {
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                if (test.GetProperty("data").ValueKind == JsonValueKind.String)
                    yield return (test.GetProperty("data").GetString()!, test.GetProperty("valid").GetBoolean());
            }
        }
    }
}
