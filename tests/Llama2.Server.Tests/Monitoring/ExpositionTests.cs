using System.Text;

namespace Llama2.Server.Tests.Monitoring;

/// <summary>The parser that the tests of metrics use refuses what the formats forbid.</summary>
public class ExpositionTests
{
    private const string Head = "# HELP a b\n# TYPE a gauge\n";

    [Theory]
    [InlineData(Head + "a 1")]
    [InlineData(Head + "a  1\n")]
    [InlineData(Head + "a 1 \n")]
    [InlineData(Head + "a one\n")]
    [InlineData(Head + "a Infinity\n")]
    [InlineData(Head + "a{} 1\n")]
    [InlineData(Head + "a{b=\"1\",} 1\n")]
    [InlineData(Head + "a{b=1} 1\n")]
    [InlineData(Head + "a{b=\"\\x\"} 1\n")]
    [InlineData(Head + "a{b=\"\"\"} 1\n")]
    [InlineData(Head + "a{b=\"1\",b=\"2\"} 1\n")]
    [InlineData(Head + "a{c=\"1\",b=\"2\"} 1\n")]
    [InlineData(Head + "a{1=\"1\"} 1\n")]
    [InlineData(Head + "a 1\na 2\n")]
    [InlineData(Head + "a{b=\"1\"} 1\na{b=\"1\"} 2\n")]
    [InlineData(Head + "b 1\n")]
    [InlineData(Head + "a_total 1\n")]
    [InlineData(Head)]
    [InlineData(Head + "# TYPE a gauge\na 1\n")]
    [InlineData(Head + "# HELP a b\na 1\n")]
    [InlineData("# TYPE a gauge\na 1\n")]
    [InlineData("# HELP a \\b\n# TYPE a gauge\na 1\n")]
    [InlineData("# HELP a b\n# TYPE a nonsense\na 1\n")]
    [InlineData("# HELP a b\n# TYPE a counter\na 1\n")]
    [InlineData("# HELP a_total b\n# TYPE a_total counter\na_total -1\n")]
    [InlineData(Head + "a{x=\"1\"} 1\n# HELP b b\n# TYPE b gauge\nb 1\na{x=\"2\"} 1\n")]
    [InlineData("# HELP a b\n# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_sum 1\na_count 1\n")]
    [InlineData("# HELP a b\n# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n")]
    [InlineData("# HELP a b\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n")]
    [InlineData("# HELP a b\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n")]
    public void Parse_TextThatBreaksARule_Throws(string text) =>
        FluentActions.Invoking(() => Exposition.Parse(Encoding.UTF8.GetBytes(text), isOpenMetrics: false)).Should().Throw<FormatException>();

    [Theory]
    [InlineData("# HELP a b\n# TYPE a counter\na_total 1\n")]
    [InlineData("# HELP a_total b\n# TYPE a_total counter\na_total 1\n# EOF\n")]
    [InlineData(Head + "a 1\n# EOF\n\n")]
    public void Parse_OpenMetricsThatBreaksARule_Throws(string text) =>
        FluentActions.Invoking(() => Exposition.Parse(Encoding.UTF8.GetBytes(text), isOpenMetrics: true)).Should().Throw<FormatException>();

    [Fact]
    public void Parse_ValidText_HasItsSamples()
    {
        const string Text = "# HELP a b \"c\" \\\\ \\n\n# TYPE a gauge\na{b=\"x\\\"y\\\\z\\n\"} 1.5e3\na{b=\"é\"} -Inf\n";

        Exposition read = Exposition.Parse(Encoding.UTF8.GetBytes(Text), isOpenMetrics: false);

        read.Value("a", ("b", "x\"y\\z\n")).Should().Be(1500);
        read.Value("a", ("b", "é")).Should().Be(double.NegativeInfinity);
    }
}
