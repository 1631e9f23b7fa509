using System.Text;
using Llama2.Cli.Constraints;

namespace Llama2.Cli.Tests.Constraints;

public class PythonJsonTests
{
    // Expected: json.dumps(json.loads(text)) of Python 3.11, except for numbers, which keep their digits.
    [Theory]
    [InlineData("""{"b":1,"a":[true,null,{}]}""", """{"b": 1, "a": [true, null, {}]}""")]
    [InlineData("[1.50,-0,1E5,[]]", "[1.50, -0, 1E5, []]")]
    [InlineData("\"é\u007f😀\\/\\u0041\\\"\\\\\\n\\r\\t\\b\\f\\u0001\"", "\"\\u00e9\\u007f\\ud83d\\ude00/A\\\"\\\\\\n\\r\\t\\b\\f\\u0001\"")]
    [InlineData("\"\\udc00\"", "\"\\udc00\"")]
    [InlineData("{\"\\u00e9\" : 0}", "{\"\\u00e9\": 0}")]
    public void Parse_Line_IsWrittenAsPythonDoes(string line, string expected) =>
        PythonJson.Parse(Encoding.UTF8.GetBytes(line)).Should().Be(expected);
}
