using System.Text;
using System.Text.Json;
using Llama2.Formats.PyTorch;
using Llama2.Tests.Formats.MetaCheckpoint;

namespace Llama2.Tests.Formats.PyTorch;

/// <summary>Pickles written by Python's own pickler (hostile-pickles.json), and others composed of opcodes here.</summary>
public class PickleReaderTests
{
    public static TheoryData<string, string, byte[]> HostilePickles()
    {
        var data = new TheoryData<string, string, byte[]>();
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(MetaCheckpointData.Path("hostile-pickles.json")));
        foreach (JsonElement item in document.RootElement.EnumerateArray())
            data.Add(item.GetProperty("what").GetString()!, item.GetProperty("refused").GetString()!, item.GetProperty("pickle").GetBytesFromBase64());
        return data;
    }

    [Theory]
    [MemberData(nameof(HostilePickles))]
    public void Read_HostilePickle_IsRefusedByTheNameOfWhatItWantsToRun(string what, string refused, byte[] pickle)
    {
        ModelFormatException fault = Refusal(pickle, what);

        // Names that the reader knows are refused because of their arguments, all others because of their name.
        fault.Value.Trim('\'').Should().BeOneOf(refused, refused.ToUpperInvariant(), $"{refused} with ('touch pwned')", "the type F32 with (8)");
        fault.Field.Should().BeOneOf("pickle: global", "pickle: opcode", "pickle: call");
        fault.Offset.Should().BeInRange(1000, 1000 + pickle.Length - 1);
        File.Exists("pwned").Should().BeFalse();
    }

    [Fact]
    public void Read_HostilePickles_AreManyOfBothProtocols() => HostilePickles().Should().HaveCountGreaterThan(60);

    [Fact]
    public void Read_PayloadBehindTensors_IsRefusedAllTheSame()
    {
        // The tensors are complete and valid; the second to last opcode is a call that would replace them.
        byte[] pickle = [.. Benign()[..^1], .. "cposix\nsystem\nX\u0002\0\0\0id"u8, 0x85, .. "R."u8];
        Refusal(pickle, "a payload at the end").Value.Should().Be("'posix.system'");
    }

    [Fact]
    public void Read_TruncatedAnywhere_IsRefused()
    {
        byte[] pickle = Benign();
        for (int length = 0; length < pickle.Length; length++)
            Refusal(pickle[..length], $"the first {length} bytes").Should().NotBeNull();
        Read(pickle).Should().BeOfType<PickleDictionary>();
    }

    [Fact]
    public void Read_BytesBehindTheEnd_AreRefused() => Refusal([.. Benign(), 0], "a byte more").Message.Should().Contain("1 bytes");

    [Fact]
    public void Read_PlainValues_AreWhatPythonMeans()
    {
        // {'a': (1, -2, 256, 2**40, 1.5), 'b': [None, True, False], 'c': ()}
        byte[] pickle =
        [
            0x80, 2, .. "}("u8, .. "X\u0001\0\0\0a("u8, .. "K\u0001"u8, .. "J"u8, 0xFE, 0xFF, 0xFF, 0xFF, .. "M\0\u0001"u8, 0x8a, 6, 0, 0, 0, 0, 0, 1,
            .. "G"u8, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0, .. "t"u8, .. "X\u0001\0\0\0b](N"u8, 0x88, 0x89, .. "eX\u0001\0\0\0c)u."u8,
        ];
        PickleDictionary value = Read(pickle).Should().BeOfType<PickleDictionary>().Subject;

        value["a"].Should().BeOfType<object?[]>().Which.Should().Equal(new object?[] { 1L, -2L, 256L, 1L << 40, 1.5 }, Equals);
        value["b"].Should().BeOfType<List<object?>>().Which.Should().Equal(null, true, false);
        value["c"].Should().BeOfType<object?[]>().Which.Should().BeEmpty();
        value.Keys.Should().Equal("a", "b", "c");
    }

    [Theory]
    [InlineData("empty dictionaries", "}", "stack")]
    [InlineData("marks", "(", "marks")]
    [InlineData("values kept and dropped", "N", "stack")]
    public void Read_BombOfOpcodes_EndsAtItsLimit(string what, string repeated, string field)
    {
        var pickle = new StringBuilder();
        for (int i = 0; i < 200_000; i++)
            pickle.Append(repeated);
        Refusal(Bytes(pickle.ToString()), what).Message.Should().Contain(field);
    }

    [Fact]
    public void Read_MillionsOfObjectsWithinTheStack_EndAtTheNumberOfOpcodes()
    {
        // A list to which an empty dictionary is appended again and again: only the limit on the number of opcodes bounds this.
        byte[] bomb = [0x80, 2, .. "]"u8, .. Enumerable.Repeat("}a"u8.ToArray(), 100_000).SelectMany(pair => pair)];
        Refusal(bomb, "a list of dictionaries").Field.Should().Be("pickle: number of opcodes");
    }

    [Fact]
    public void Read_TupleOfItselfTwiceOver_IsNeverUnfolded()
    {
        // Thousands of levels of tuples, each with the level below as both elements. The number of leaves is 2 to the power of the number of levels,
        // so a reader that visits all leaves never ends. The message describes only the outermost tuple.
        byte[] bomb = [0x80, 2, .. "N"u8, .. Enumerable.Repeat((byte[])[(byte)'q', 0, (byte)'h', 0, 0x86], 5_000).SelectMany(level => level), .. "Q."u8];
        Refusal(bomb, "doubling tuples").Message.Should().Contain("(a tuple of 2, a tuple of 2)");
    }

    [Fact]
    public void Read_MemoOfAnyIndex_CostsOneValue()
    {
        byte[] pickle = [0x80, 2, .. "}r"u8, 0xFF, 0xFF, 0xFF, 0x7F, .. "."u8];
        RefusalLimits.Run(() => Read(pickle), "memo index 2^31 - 1").Should().BeNull();
    }

    [Theory]
    [InlineData("X\u00ff\u00ff\u00ff\u007f", "string")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff", "string")]
    [InlineData("X\u0004\0\0\0abc", "cut short")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u007f", "integer")]
    [InlineData("\u008a\u0009", "at most 8")]
    [InlineData("\u0095\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "frame")]
    [InlineData("X\u0003\0\0\0a\u001bb", "without control characters")]
    [InlineData("X\u0002\0\0\0\u00c3\u0028", "names must be UTF-8")]
    [InlineData("cos", "not terminated")]
    [InlineData("cos\n\u001b[2J\nR.", "without control characters")]
    [InlineData("t", "lacks its values")]
    [InlineData("(0", "POP")]
    [InlineData("N(\u0085", "lacks its values")]
    [InlineData("R", "lacks its values")]
    [InlineData("h\u0007", "memo index is 7")]
    [InlineData("}NNs", "keys must be the names of tensors")]
    [InlineData("}(X\u0001\0\0\0aNX\u0001\0\0\0aNu", "has it already")]
    [InlineData("NNa", "not a list")]
    [InlineData("NNNs", "not a dictionary")]
    [InlineData("NN\u0093", "not a string")]
    [InlineData("NQ", "persistent id")]
    [InlineData("N)R", "only globals can be called")]
    [InlineData("ccollections\nOrderedDict\nN\u0085R", "collections.OrderedDict with (None)")]
    [InlineData("ctorch._utils\n_rebuild_tensor_v2\n)R", "torch._utils._rebuild_tensor_v2 with ()")]
    [InlineData("(X\u0007\0\0\0storageccollections\nOrderedDict\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0001tQ", "its type such as torch.FloatStorage")]
    [InlineData("(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0001)tQ", "a view of another storage")]
    [InlineData("}Nb", "BUILD")]
    [InlineData("N}b", "BUILD")]
    [InlineData("\u0080\u0006", "protocol is 6")]
    [InlineData("\u00ff", "0xFF")]
    public void Read_MalformedPickle_IsRefused(string pickle, string expected)
    {
        Refusal(Bytes("\u0080\u0002" + pickle + "."), pickle).Message.Should().Contain(expected);
    }

    // Random bytes give a value or a ModelFormatException.
    [Fact]
    public void Read_ChangedBytes_AreReadOrRefused()
    {
        byte[] pickle = Benign();
        int read = 0, refused = 0;
        for (int position = 0; position < pickle.Length; position++)
        {
            byte original = pickle[position];
            for (int value = position % 3; value < 256; value += 3)
            {
                pickle[position] = (byte)value;
                _ = RefusalLimits.Run(() => Read(pickle), $"byte {position} = {value}") is null ? read++ : refused++;
            }

            pickle[position] = original;
        }

        read.Should().BeGreaterThan(pickle.Length);
        refused.Should().BeGreaterThan(pickle.Length * 30);
    }

    private static byte[] Benign()
    {
        byte[] archive = new TorchArchive().Add("a", GgmlType.F16, [2, 2], new byte[8]).Build();
        int start = archive.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x80, 2]), end = archive.AsSpan().IndexOf("u."u8) + 2;
        return archive[start..end];
    }

    private static byte[] Bytes(string latin) => Encoding.Latin1.GetBytes(latin);

    private static object? Read(byte[] pickle) => PickleReader.Read(pickle, "model.pth", 1000);

    private static ModelFormatException Refusal(byte[] pickle, string what)
    {
        ModelFormatException? fault = RefusalLimits.Run(() => Read(pickle), what);
        fault.Should().NotBeNull($"{what} is no pickle of tensors");
        fault!.FilePath.Should().Be("model.pth");
        return fault;
    }
}
