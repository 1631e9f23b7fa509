using System.Text.RegularExpressions;

namespace Llama2.Tests.Architecture;

/// <summary>
/// FluentAssertions treats a boxed 64u as equal to 64L and to 64.0. In a file, however, the type of a number matters. Tests of boxed numbers therefore
/// state the type: <c>BeOfType&lt;uint&gt;().Which.Should().Be(64)</c>.
/// </summary>
public partial class BoxedNumbersTests
{
    [Fact]
    public void TestsOfBoxedNumbers_StateTheType() =>
        (from path in Directory.EnumerateFiles(RepositoryFiles.Committed("tests"), "*.cs", SearchOption.AllDirectories)
         where !path.Split(Path.DirectorySeparatorChar).Contains("obj")
         from match in BoxedNumber().Matches(File.ReadAllText(path))
         select $"{Path.GetRelativePath(RepositoryFiles.Root, path)}: {match.Value}").Should().BeEmpty();

    [Theory]
    [InlineData("file.Metadata[\"llama.block_count\"].Should().Be(2u)", true)]
    [InlineData("activity.GetTagItem(\"count\").Should().Be((int)count)", true)]
    [InlineData("log.Entries[1].Values[\"Seconds\"].Should().Be(1.5)", true)]
    [InlineData("file.Metadata[\"general.name\"].Should().Be(\"Tiny\")", false)]
    [InlineData("file.Metadata[\"llama.block_count\"].Should().BeOfType<uint>().Which.Should().Be(2)", false)]
    public void BoxedNumber_Assertion_IsFoundIfTheTypeIsNotStated(string code, bool isFound) => BoxedNumber().IsMatch(code).Should().Be(isFound);

    // Matches an assertion that compares a value of a dictionary of objects with something other than a string literal or a string property of a response.
    [GeneratedRegex(@"(?:Metadata|Tags|Values)\[""[^""]+""\]\.Should\(\)\.Be\((?!"")|GetTagItem\(""[^""]+""\)\.Should\(\)\.Be\((?!""|response\.)")]
    private static partial Regex BoxedNumber();
}
