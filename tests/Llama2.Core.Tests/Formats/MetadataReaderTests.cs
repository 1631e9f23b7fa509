using CsCheck;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Tests.Formats.Gguf;

namespace Llama2.Tests.Formats;

public class MetadataReaderTests
{
    [Theory]
    [InlineData((byte)7)]
    [InlineData((sbyte)7)]
    [InlineData((ushort)7)]
    [InlineData((short)7)]
    [InlineData(7u)]
    [InlineData(7)]
    [InlineData(7UL)]
    [InlineData(7L)]
    public void GetInt32_AnyIntegerTypeThatFits_IsTaken(object value) => With(value, m => m.GetInt32("key", 7, 7).Should().Be(7));

    [Theory]
    [InlineData(7f, "7 of type Single")]
    [InlineData(7.0, "7 of type Double")]
    [InlineData("7", "the string \"7\"")]
    [InlineData(true, "the boolean true")]
    public void GetInt32_NoInteger_IsRefused(object value, string description) =>
        With(value, m => Fault(() => m.GetInt32("key", 0, 9)).Message.Should().Contain($"key is {description}; it must be an integer."));

    [Fact]
    public void GetInt32_AnyLong_IsTakenExactlyWhenInRange() => Gen.Select(Gen.Long, Gen.Int, Gen.Int).Sample((value, a, b) =>
    {
        (int min, int max) = (Math.Min(a, b), Math.Max(a, b));
        With(value, m =>
        {
            if (value >= min && value <= max)
                m.GetInt32("key", min, max).Should().Be((int)value);
            else
                Fault(() => m.GetInt32("key", min, max)).Value.Should().Be($"{value}");
        });
    }, iter: 200);

    [Fact]
    public void GetInt32_UnsignedLongThatIsNegativeAsALong_IsOutOfRange() =>
        With(ulong.MaxValue, m => Fault(() => m.GetInt32("key", -1, 1)).Value.Should().Be("18446744073709551615"));

    [Fact]
    public void Get_MissingKey_IsRefusedAndFindGivesNull() => With(1, m =>
    {
        Fault(() => m.GetInt32("none", 0, 1)).Message.Should().Contain("none is missing");
        Fault(() => m.GetSingle("none", 0, 1)).Field.Should().Be("none");
        Fault(() => m.GetBoolean("none")).Field.Should().Be("none");
        Fault(() => m.GetString("none")).Field.Should().Be("none");
        Fault(() => m.GetStringArray("none")).Field.Should().Be("none");
        Fault(() => m.GetSingleArray("none")).Field.Should().Be("none");
        Fault(() => m.GetInt32Array("none", 0, 1)).Field.Should().Be("none");
        m.FindInt32("none", 0, 1).Should().BeNull();
        m.FindSingle("none", 0, 1).Should().BeNull();
        m.FindBoolean("none").Should().BeNull();
        m.FindString("none").Should().BeNull();
        m.FindStringArray("none").Should().BeNull();
        m.FindSingleArray("none").Should().BeNull();
        m.FindInt32Array("none", 0, 1).Should().BeNull();
    });

    [Theory]
    [InlineData(1e-5f, 1e-5f)]
    [InlineData(0.5, 0.5f)]
    [InlineData(1f, 1f)]
    public void GetSingle_FiniteNumberInRange_IsTaken(object value, float expected) =>
        With(value, m => m.GetSingle("key", 0, 1).Should().Be(expected));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e300)]
    [InlineData(1.1f)]
    [InlineData(-0.1f)]
    public void GetSingle_NotFiniteOrOutOfRange_IsRefused(object value) =>
        With(value, m => Fault(() => m.GetSingle("key", 0, 1)).Limit.Should().Be("it must be a finite number from 0 to 1"));

    [Fact]
    public void GetSingle_Infinity_IsRefusedEvenWithoutALimit() =>
        With(float.PositiveInfinity, m => Fault(() => m.GetSingle("key", 0, float.PositiveInfinity)).Field.Should().Be("key"));

    [Fact]
    public void Get_WrongType_IsRefused()
    {
        With("text", m => Fault(() => m.GetSingle("key", 0, 1)).Limit.Should().Contain("floating-point"));
        With(1, m => Fault(() => m.GetBoolean("key")).Limit.Should().Contain("boolean"));
        With(1, m => Fault(() => m.GetString("key")).Limit.Should().Be("it must be a string"));
        With("text", m => Fault(() => m.GetStringArray("key")).Limit.Should().Contain("array of strings"));
        With(new[] { 1, 2 }, m => Fault(() => m.GetStringArray("key")).Value.Should().Be("an array of 2 values of type Int32"));
        With(new[] { 1.0 }, m => Fault(() => m.GetSingleArray("key")).Limit.Should().Contain("32-bit"));
        With(new[] { 1f }, m => Fault(() => m.GetInt32Array("key", 0, 1)).Limit.Should().Contain("integers"));
        With(1, m => Fault(() => m.GetInt32Array("key", 0, 1)).Limit.Should().Contain("integers"));
    }

    [Fact]
    public void Get_RightType_IsGiven()
    {
        With(true, m => m.GetBoolean("key").Should().BeTrue());
        With(false, m => m.FindBoolean("key").Should().BeFalse());
        With("text", m => m.GetString("key").Should().Be("text"));
        With(new[] { "a", "b" }, m => m.GetStringArray("key").Should().Equal("a", "b"));
        With(new[] { 1f, -2f }, m => m.GetSingleArray("key").Should().Equal(1f, -2f));
    }

    public static TheoryData<Array> IntegerArrays =>
    [
        new byte[] { 1, 2 }, new sbyte[] { 1, 2 }, new ushort[] { 1, 2 }, new short[] { 1, 2 },
        new uint[] { 1, 2 }, new int[] { 1, 2 }, new ulong[] { 1, 2 }, new long[] { 1, 2 },
    ];

    [Theory]
    [MemberData(nameof(IntegerArrays))]
    public void GetInt32Array_AnyIntegerType_IsConverted(Array values) =>
        With(values, m => m.GetInt32Array("key", 1, 2).Should().Equal(1, 2));

    [Fact]
    public void GetInt32Array_ElementOutOfRange_IsRefusedByItsIndex()
    {
        With(new uint[] { 1, uint.MaxValue }, m => Fault(() => m.GetInt32Array("key", -1, 2)).Message
            .Should().Contain("key[1] is 4294967295; it must be from -1 to 2"));
        With(new ulong[] { ulong.MaxValue }, m => Fault(() => m.GetInt32Array("key", -1, 2)).Field.Should().Be("key[0]"));
        With(new sbyte[] { -1 }, m => Fault(() => m.GetInt32Array("key", 0, 255)).Value.Should().Be("-1"));
    }

    private static void With(object value, Action<MetadataReader> use)
    {
        using GgufFile file = new GgufBuilder().Add("before", "x").Add("key", value).Open();
        use(new MetadataReader(file));
    }

    private static ModelFormatException Fault(Action action) => action.Should().Throw<ModelFormatException>().Which;
}
