using System.Text.RegularExpressions;

namespace Llama2.Tests.Architecture;

/// <summary>
/// To FluentAssertions, a boxed 64u is equal to 64L and to 64.0, but a file with another type of number is another file: tests of boxed numbers state the
/// type, <c>BeOfType&lt;uint&gt;().Which.Should().Be(64)</c>.
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

    // What a dictionary of objects has under a key, compared with anything but a string literal or the property of a response that is a string.
    [GeneratedRegex(@"(?:Metadata|Tags|Values)\[""[^""]+""\]\.Should\(\)\.Be\((?!"")|GetTagItem\(""[^""]+""\)\.Should\(\)\.Be\((?!""|response\.)")]
    private static partial Regex BoxedNumber();
}
