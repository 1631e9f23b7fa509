using System.Text;
using Llama2.Formats.SafeTensors;
using Llama2.Tests.Conversion;

namespace Llama2.Tests.Formats.SafeTensors;

public class SafeTensorsFileTests
{
    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "shape and dtype")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "the end must not come before the beginning")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "cut short")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "all of its data")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "must not leave gaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "must not leave gaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,3],"data_offsets":[0,4]}}""", 4, "malformed")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"Q9","shape":[1],"data_offsets":[0,4]}}""", 4, "newer than this library")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "two data_offsets")]
    [InlineData("""{"a":7}""", 0, "object of dtype")]
    [InlineData("""{"__metadata__":{"format":1}}""", 0, "strings")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "damaged")]
    [InlineData("""{"a":""", 0, "damaged")]
    [InlineData("""{} {}""", 0, "damaged")]
    [InlineData("""[]""", 0, "must begin with '{'")]
    [InlineData("", 0, "must begin with '{'")]
    public void Open_HeaderThatCannotBe_IsRefused(string header, int dataByteSize, string limit) =>
        FluentActions.Invoking(() => Open(File(header, dataByteSize)))
            .Should().Throw<ModelFormatException>().Which.Limit.Should().Contain(limit);

    // The reference implementation parses the header as JSON, which may begin with white space.
    [Theory]
    [InlineData(" ")]
    [InlineData("\t\n  ")]
    [InlineData("\r\n\r\n")]
    [InlineData("                                                                                ")]
    public void Load_WhiteSpaceBeforeTheHeader_IsAllowed(string whiteSpace)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(PublishedForms.Copy("huggingface", folder), "model.safetensors");
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        System.IO.File.WriteAllBytes(path, [.. BitConverter.GetBytes(BitConverter.ToUInt64(bytes) + (ulong)whiteSpace.Length), .. Encoding.UTF8.GetBytes(whiteSpace), .. bytes[8..]]);

        PublishedForms.Compute(folder.Path).Should().Equal(PublishedForms.Compute(PublishedForms.PathOf("huggingface")));
        ModelFileInformation.Read(path).FormatName.Should().Be("safetensors", "the format is detected from the content of the file");
        ModelTokenizer.Load(path).VocabularySize.Should().Be(290);
    }

    [Theory]
    [InlineData("   ", "must begin with '{'")]
    [InlineData("  [1]", "must begin with '{'")]
    [InlineData("\u00A0{}", "must begin with '{'")]
    public void Open_WhiteSpaceAndNoObject_IsRefused(string header, string limit) =>
        FluentActions.Invoking(() => Open(File(header, 0))).Should().Throw<ModelFormatException>().Which.Limit.Should().Contain(limit);

    // A tensor whose name is the GGUF name of another tensor would be read in place of that tensor.
    [Theory]
    [InlineData("token_embd.weight")]
    [InlineData("blk.0.attn_q.weight")]
    [InlineData("output.weight")]
    [InlineData("rope_freqs.weight")]
    public void Load_TensorUnderTheNameThatGgufHas_IsRefused(string name)
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(PublishedForms.Copy("huggingface", folder), "model.safetensors");
        byte[] bytes = System.IO.File.ReadAllBytes(path);
        int headerLength = (int)BitConverter.ToUInt64(bytes);
        string header = Encoding.UTF8.GetString(bytes, 8, headerLength).TrimEnd(), entry = $",\"{name}\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[{bytes.Length - 8 - headerLength},{bytes.Length - 4 - headerLength}]}}}}";
        byte[] changed = Encoding.UTF8.GetBytes(header[..^1] + entry);
        System.IO.File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)changed.Length), .. changed, .. bytes[(8 + headerLength)..], 0, 0, 0, 0]);

        FluentActions.Invoking(() => ModelFileInformation.Read(folder.Path)).Should().Throw<ModelFormatException>().WithMessage($"*'{name}'*one tensor could be taken for another*");
    }

    [Theory]
    [InlineData(ulong.MaxValue, "at most")]
    [InlineData(100_000_001UL, "at most")]
    [InlineData(99_999_999UL, "cut short")]
    public void Open_HeaderLongerThanAllowedOrThanTheFile_IsRefusedUnread(ulong length, string limit) =>
        FluentActions.Invoking(() => Open([.. BitConverter.GetBytes(length), .. "{}"u8]))
            .Should().Throw<ModelFormatException>().Which.Message.Should().Contain(limit);

    [Fact]
    public void Open_MoreTensorsThanAnyModelHas_IsRefused()
    {
        string Header(int count) => "{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"t{i}\":{{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[{i},{i + 1}]}}")) + "}";
        Open(File(Header(16_384), 16_384));
        FluentActions.Invoking(() => Open(File(Header(16_385), 16_385))).Should().Throw<ModelFormatException>().Which.Field.Should().Be("tensor count");
    }

    [Fact]
    public void Open_DeepNesting_IsRefused() =>
        FluentActions.Invoking(() => Open(File("{\"a\":" + new string('[', 100_000), 0))).Should().Throw<ModelFormatException>();

    [Fact]
    public void Open_EveryPrefixAndManyChanges_OpensOrIsRefused()
    {
        byte[] whole = File("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}}""", 10);
        Open(whole);
        for (int length = 0; length < whole.Length; length++)
            FluentActions.Invoking(() => Open(whole[..length])).Should().Throw<ModelFormatException>();

        int refusedCount = 0;
        for (int position = 0; position < whole.Length; position++)
        {
            for (int value = 0; value < 256; value += 5)
            {
                byte[] changed = [.. whole];
                changed[position] = (byte)value;
                try
                {
                    Open(changed);
                }
                catch (ModelFormatException)
                {
                    refusedCount++;
                }
            }
        }

        refusedCount.Should().BeGreaterThan(whole.Length, "lengths, offsets and names of types are checked");
    }

    [Theory]
    [InlineData("../model-00001-of-00003.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("sub\\\\model.safetensors")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("C:model.safetensors")]
    public void Load_IndexThatNamesMoreThanABareFile_IsRefused(string name)
    {
        using var folder = new TemporaryFolder();
        PublishedForms.Copy("huggingface-sharded", folder);
        string index = folder.File("model.safetensors.index.json");
        System.IO.File.WriteAllText(index, System.IO.File.ReadAllText(index).Replace("\"model-00001-of-00003.safetensors\"", $"\"{name}\"", StringComparison.Ordinal));

        FluentActions.Invoking(() => ModelFileInformation.Read(folder.Path)).Should().Throw<ModelFormatException>().Which.Limit.Should().Contain("bare name");
    }

    // In Hugging Face's cache, the files of a revision are links to files that are outside the revision's folder and are named by their hashes.
    [Fact]
    public void Load_ShardsThatAreLinks_AreReadAsFiles()
    {
        using TemporaryFolder files = new(), folder = new();
        PublishedForms.Copy("huggingface-sharded", files);
        foreach (string path in Directory.GetFiles(files.Path))
            System.IO.File.CreateSymbolicLink(folder.File(Path.GetFileName(path)), path);

        PublishedForms.Compute(folder.Path).Should().Equal(PublishedForms.Compute(files.Path));
    }

    [Theory]
    [InlineData("link")]
    [InlineData("folder")]
    [InlineData("nothing")]
    public void Load_ShardThatIsNoFile_IsRefusedByName(string kind)
    {
        using var folder = new TemporaryFolder();
        PublishedForms.Copy("huggingface-sharded", folder);
        string shard = folder.File("model-00001-of-00003.safetensors");
        System.IO.File.Delete(shard);
        if (kind == "link")
            System.IO.File.CreateSymbolicLink(shard, folder.File("absent"));
        if (kind == "folder")
            Directory.CreateDirectory(shard);

        FluentActions.Invoking(() => ModelFileInformation.Read(folder.Path)).Should().Throw<ModelFormatException>().WithMessage("*model-00001-of-00003.safetensors*absent*");
    }

    private static void Open(byte[] bytes)
    {
        using var file = SafeTensorsFile.Open(new MemoryByteSource(bytes));
    }

    private static byte[] File(string header, int dataByteSize)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. new byte[dataByteSize]];
    }
}
