using System.Text;
using System.Text.Json;
using Llama2.Cli.Inspection;

namespace Llama2.Cli.Tests.Inspection;

public class MetadataJsonTests
{
    public static TheoryData<object, string> Values => new()
    {
        { (byte)200, "200" },
        { (sbyte)-100, "-100" },
        { (ushort)60_000, "60000" },
        { (short)-30_000, "-30000" },
        { uint.MaxValue, "4294967295" },
        { int.MinValue, "-2147483648" },
        { ulong.MaxValue, "18446744073709551615" },
        { long.MinValue, "-9223372036854775808" },
        { 0.1f, "0.1" },
        { 0.1, "0.1" },
        { float.NaN, "\"NaN\"" },
        { double.NegativeInfinity, "\"-Infinity\"" },
        { true, "true" },
        { "a\nb", "\"a\\nb\"" },
        { "", "\"\"" },
        { new byte[] { 255, 0 }, "[255,0]" },
        { new sbyte[] { -1, 0 }, "[-1,0]" },
        { new ushort[] { 65_535 }, "[65535]" },
        { new short[] { -1 }, "[-1]" },
        { new uint[] { uint.MaxValue }, "[4294967295]" },
        { new int[] { -1 }, "[-1]" },
        { new ulong[] { ulong.MaxValue }, "[18446744073709551615]" },
        { new long[] { -1 }, "[-1]" },
        { new float[] { 1, float.PositiveInfinity }, "[1,\"Infinity\"]" },
        { new double[] { 0.5, double.NaN }, "[0.5,\"NaN\"]" },
        { new bool[] { true, false }, "[true,false]" },
        { new string[] { "a", "" }, "[\"a\",\"\"]" },
        { Array.Empty<string>(), "[]" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Write_EachType_IsItsJson(object value, string expected)
    {
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
            MetadataJson.Write(json, value);

        Encoding.UTF8.GetString(output.ToArray()).Should().Be(expected);
    }

    // Texts are written in parts, and a part may end inside a character.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Write_LongText_IsTheTextItself(int before)
    {
        string text = new string('a', before) + string.Concat(Enumerable.Repeat("\U0001F600\"\u0001é", 40_000));
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output))
            MetadataJson.Write(json, text);

        using JsonDocument document = JsonDocument.Parse(output.ToArray());
        document.RootElement.GetString().Should().Be(text);
    }
}
