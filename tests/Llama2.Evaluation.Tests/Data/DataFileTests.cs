using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Data;

/// <summary>Reads small files of each format, well-formed and malformed.</summary>
public sealed class DataFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.jsonl", "{\"a\":1}\n\r\n{\"a\":\"é\"}", """{"a":1} {"a":"é"}""")]
    [InlineData("a.jsonl", "\uFEFF{\"a\":1}\r\n", """{"a":1}""")]
    [InlineData("a.NDJSON", "{\"a\":1}", """{"a":1}""")]
    [InlineData("a.json", "\uFEFF [ {\"a\":1}, {\"a\":[{}]} ] ", """{"a":1} {"a":[{}]}""")]
    [InlineData("a.json", "[]", "")]
    // One object per line, and objects that are spread over lines.
    [InlineData("a.json", "{\"a\":1}\n{\"a\":2}\n", """{"a":1} {"a":2}""")]
    [InlineData("a.json", "\n{\"a\":1}{\"a\":2}", """{"a":1} {"a":2}""")]
    // One list of objects, whatever its name is, beside other members.
    [InlineData("a.json", " {\"version\":\"v2.0\",\"data\":[{\"a\":1},{\"a\":2}]}", """{"a":1} {"a":2}""")]
    [InlineData("a.json", "{\"Data\":[{\"a\":[{}]}],\"Domain\":\"Web\",\"l\":[1]}", """{"a":[{}]}""")]
    // Lists of the same length, one per field.
    [InlineData("a.json", "{\"a\":[1,2],\"b\":[\"x\",[3]]}", """{"a":1,"b":"x"} {"a":2,"b":[3]}""")]
    [InlineData("a.json", "{\"a\":[]}", "")]
    // The answer of Hugging Face's viewer.
    [InlineData("a.json", "{\"features\":[{\"name\":\"a\"}],\"rows\":[{\"row_idx\":0,\"row\":{\"a\":1},\"truncated_cells\":[]}]}", """{"a":1}""")]
    [InlineData("a.json", "{\"a\":1,\"b\":[2]}", """{"a":1,"b":[2]}""")]
    [InlineData("a.json", "{\"a\":[{}],\"b\":[{}],\"c\":0}", """{"a":[{}],"b":[{}],"c":0}""")]
    [InlineData("a.txt", "\uFEFFone\r\n\ntwo\"", """{"text":"one"} {"text":""} {"text":"two\""}""")]
    [InlineData("a.tsv", "a\tb\n\"1\t,\"\"\"\t3\n", """{"a":"1\t,\"","b":"3"}""")]
    public void Read_File_HasTheRows(string name, string content, string expected) => Rows(Write(name, content)).Should().Be(expected);

    // The rows that Python's csv module reads from the same text; a column without a name is named as pandas names it.
    [Theory]
    [InlineData("a,b\n1,2\n", """{"a":"1","b":"2"}""")]
    [InlineData("\uFEFFa,b\r\n\"1\",2", """{"a":"1","b":"2"}""")]
    [InlineData("a,b\n\"x\"\"y\",\"1,\n2\"\n\n,\n", """{"a":"x\"y","b":"1,\n2"} {"a":"","b":""}""")]
    [InlineData("a\n\"\"\n\"\"\"\"\n", """{"a":""} {"a":"\""}""")]
    [InlineData("a,b\n\"5\"\" pipe\", x \n", """{"a":"5\" pipe","b":" x "}""")]
    [InlineData(",a\n0,x\n", """{"Unnamed: 0":"0","a":"x"}""")]
    [InlineData("a\n", "")]
    public void Read_CommaSeparated_HasTheRows(string content, string expected) => Rows(Write("a.csv", content)).Should().Be(expected);

    [Theory]
    [InlineData("a.jsonl", "{\"a\":1}\n{\"a\":}\n", "line 2, the JSON is malformed")]
    [InlineData("a.jsonl", "[1]\n", "line 1, there is a list, not an object")]
    [InlineData("a.jsonl", "{\"a\":\"\\ud800\"}", "half of a surrogate pair")]
    [InlineData("a.jsonl", "{\"\\udc00\":1}", "half of a surrogate pair")]
    [InlineData("a.json", "{\"rows\":[{\"\\ud800row\":{}}]}", "half of a surrogate pair")]
    [InlineData("a.json", "{\"\\ud800ow\":[{}]}", "half of a surrogate pair")]
    [InlineData("a.jsonl", "{\"a\":1} {\"a\":2}", "line 1, the JSON is malformed")]
    [InlineData("a.json", "[{\"a\":1},2]", "row 2, there is a number, not an object")]
    [InlineData("a.json", "[{\"a\":1}] 1", "more after the list")]
    [InlineData("a.json", "[{\"a\":1}", "the JSON is malformed")]
    [InlineData("a.json", "\"a\"", "row 1, there is a text")]
    [InlineData("a.json", "{\"a\":[1,2],\"b\":[1]}", "'b' has 1 values, and 'a' has 2")]
    [InlineData("a.csv", "a,b\n1,2\n1\n", "line 3, there are 1 fields instead of 2")]
    [InlineData("a.csv", "a,b\n\"1\n\n\",2\n1,2,3\n", "line 5, there are 3 fields instead of 2")]
    [InlineData("a.csv", "a,b\n1,\"2\n", "line 2, the quote that begins the field '\"2?' is not closed")]
    [InlineData("a.csv", "a,b\n1,\"2\"3\n", "more after the closing quote")]
    [InlineData("a.csv", "a,b\n5\" pipe,6\" pipe\n", "has quotes, but does not begin with one")]
    [InlineData("a.csv", "a,a\n", "'a' is named twice")]
    [InlineData("a.xlsx", "PK", "the ending '.xlsx' is not known")]
    [InlineData("a.jsonl", "", "it is empty")]
    [InlineData("a.jsonl.gz", "not compressed", "gzip compression is damaged")]
    public void Read_MalformedFile_IsRefusedWithItsPlace(string name, string content, string expected)
    {
        string path = Write(name, content);

        new Action(() => Rows(path)).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain(expected).And.Contain(path);
    }

    [Theory]
    [InlineData("a.jsonl", "{\"a\":\"", "\"}")]
    [InlineData("a.json", "[{\"a\":\"", "\"}]")]
    [InlineData("a.csv", "a\n", "\n")]
    [InlineData("a.txt", "", "")]
    public void Read_TextThatIsNotUtf8_IsRefused(string name, string before, string after)
    {
        string path = _folder.File(name);
        File.WriteAllBytes(path, [.. Encoding.UTF8.GetBytes(before), 0xE9, (byte)'a', .. Encoding.UTF8.GetBytes(after)]);

        new Action(() => Rows(path)).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("not UTF-8");
    }

    [Fact]
    public void Read_MissingFile_IsRefused() =>
        new Action(() => Rows(_folder.File("none.jsonl"))).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("none.jsonl");

    [Theory]
    [InlineData("a.jsonl.gz")]
    [InlineData("a.JSONL.GZ")]
    public void Read_CompressedFile_HasTheRows(string name)
    {
        string path = _folder.File(name);
        Compress(path, "{\"a\":1}\n"u8);

        Rows(path).Should().Be("""{"a":1}""");
    }

    // 64 MiB of blanks are 64 KiB compressed.
    [Theory]
    [InlineData("a.jsonl.gz")]
    [InlineData("a.json.gz")]
    [InlineData("a.csv.gz")]
    [InlineData("a.txt.gz")]
    public void Read_ArchiveOfMuchLargerContent_IsRefusedAtTheLimit(string name)
    {
        string path = _folder.File(name);
        byte[] line = new byte[1 << 10];
        line.AsSpan().Fill((byte)' ');
        line[^1] = (byte)'\n';
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            for (int i = 0; i < 1 << 16; i++)
                gzip.Write(line);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        new Action(() => Rows(path, new DataOptions { MaxByteSize = 1 << 20 })).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain("more than 1,048,576 bytes");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(32 << 20);
    }

    [Theory]
    [InlineData("a.jsonl", "{\"a\":1}\n{\"a\":\"1234567890\"}", "line 2, a text has more than 9 characters")]
    [InlineData("a.json", "[{\"1234567890\":0}]", "row 1, a text has more than 9 characters")]
    [InlineData("a.json", "[{\"a\":\"\\u0031234567890\"}]", "row 1, a text has more than 9 characters")]
    [InlineData("a.csv", "a\n1234567890\n", "line 2, a field has 10 characters")]
    [InlineData("a.txt", "1234567890", "line 1, there are 10 characters")]
    [InlineData("a.jsonl", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7}", "more than 40 bytes")]
    [InlineData("a.json", "[{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7}]", "there are 43 bytes")]
    [InlineData("a.csv", "a,b,c\n12345678,12345678,12345678\n", "the row has 46 bytes as JSON")]
    [InlineData("a.jsonl", "{}\n{}\n{}\n{}", "more than 3 rows")]
    [InlineData("a.json", "[{},{},{},{}]", "more than 3 rows")]
    [InlineData("a.csv", "a\n1\n1\n1\n1\n", "more than 3 rows")]
    [InlineData("a.jsonl", "{\"a\":[[[0]]]}", "nested deeper than 3 levels")]
    [InlineData("a.json", "[{\"a\":[[[0]]]}]", "nested deeper than 3 levels")]
    [InlineData("a.json", "[[[[[[[[[[[[", "nested deeper than allowed")]
    public void Read_FileOverALimit_IsRefused(string name, string content, string expected)
    {
        var options = new DataOptions { MaxTextLength = 9, MaxRowByteSize = 40, MaxRowCount = 3, MaxDepth = 3 };

        new Action(() => Rows(Write(name, content), options)).Should().Throw<EvaluationDataException>().Which.Message.Should().Contain(expected);
    }

    [Fact]
    public void Read_FileAtEveryLimit_IsRead()
    {
        var options = new DataOptions { MaxTextLength = 9, MaxRowByteSize = 22, MaxRowCount = 2, MaxDepth = 3, MaxByteSize = 30 };

        Rows(Write("a.jsonl", "{\"a\":[[\"\u00e923456789\"]]}\n{\"a\":1}"), options).Should().Be("""{"a":[["é23456789"]]} {"a":1}""");
    }

    [Fact]
    public void Read_Rows_AreValidAfterTheFileIsClosed()
    {
        List<JsonElement> rows = [.. DataFile.Read(Write("a.jsonl", "{\"a\":\"x\"}\n{\"a\":\"y\"}"))];
        File.Delete(_folder.File("a.jsonl"));

        rows.Select(row => row.GetProperty("a").GetString()).Should().Equal("x", "y");
    }

    [Theory]
    [InlineData(nameof(DataOptions.MaxByteSize))]
    [InlineData(nameof(DataOptions.MaxRowCount))]
    [InlineData(nameof(DataOptions.MaxRowByteSize))]
    [InlineData(nameof(DataOptions.MaxTextLength))]
    [InlineData(nameof(DataOptions.MaxDepth))]
    public void Options_ValueOutOfRange_IsRefused(string option) => new Action(() => _ = option switch
    {
        nameof(DataOptions.MaxByteSize) => new DataOptions { MaxByteSize = 0 },
        nameof(DataOptions.MaxRowCount) => new DataOptions { MaxRowCount = 0 },
        nameof(DataOptions.MaxRowByteSize) => new DataOptions { MaxRowByteSize = 0 },
        nameof(DataOptions.MaxTextLength) => new DataOptions { MaxTextLength = 0 },
        _ => new DataOptions { MaxDepth = 0 },
    }).Should().Throw<ArgumentOutOfRangeException>();

    private static string Rows(string path, DataOptions? options = null) => string.Join(' ', DataFile.Read(path, options).Select(row => row.GetRawText()));

    private static void Compress(string path, ReadOnlySpan<byte> content)
    {
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        gzip.Write(content);
    }

    private string Write(string name, string content)
    {
        File.WriteAllText(_folder.File(name), content);
        return _folder.File(name);
    }
}
