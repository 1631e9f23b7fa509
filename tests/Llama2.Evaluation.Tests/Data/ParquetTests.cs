using System.Text.Json;
using CsCheck;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Data;

/// <summary>Reads the tables that tests/Reference/parquet.mjs has written with DuckDB and with parquetjs, whole and damaged.</summary>
public sealed class ParquetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("types-uncompressed", "types")]
    [InlineData("types-snappy", "types")]
    [InlineData("types-gzip", "types")]
    [InlineData("types-zstd", "types")]
    [InlineData("types-brotli", "types")]
    [InlineData("types-v2", "types")]
    [InlineData("many", "many")]
    [InlineData("many-v2", "many")]
    [InlineData("parquetjs-v1", "parquetjs")]
    [InlineData("parquetjs-v2", "parquetjs")]
    public void Read_TableOfAnotherWriter_HasTheRowsThatItStates(string table, string expected)
    {
        JsonElement[] rows = [.. DataFile.Read(Data($"{table}.parquet"))], stated = [.. DataFile.Read(Data($"{expected}.jsonl.gz"))];

        rows.Should().HaveSameCount(stated);
        rows.Zip(stated).Where(pair => !JsonElement.DeepEquals(pair.First, pair.Second)).Should().BeEmpty();
        rows[0].EnumerateObject().Select(field => field.Name).Should().Equal(stated[0].EnumerateObject().Select(field => field.Name));
    }

    // What Python 3.11 prints for these numbers: repr(1.5), repr(0.1), repr(-1e300) …
    [Theory]
    [InlineData("types-snappy", "f", "1.5", "null", "0.1", "-1e+300")]
    [InlineData("types-snappy", "g", "0.5", "null", "-0.25", "3.0")]
    [InlineData("parquetjs-v2", "weight", "0.1", "-1e-300", "2.0")]
    public void Read_FloatingPoint_IsWrittenAsPythonWritesIt(string table, string field, params string[] expected)
        => DataFile.Read(Data($"{table}.parquet")).Select(row => row.GetProperty(field).GetRawText()).Should().Equal(expected);

    [Fact]
    public void Read_DatasetOfTheHub_IsFound()
    {
        Directory.CreateDirectory(_folder.File("name/data"));
        File.Copy(Data("types-snappy.parquet"), _folder.File("name/data/test-00000-of-00001.parquet"));

        DataFolder.Open(_folder.Path).Read("owner/name", null, "test").Should().HaveCount(4);
    }

    [Fact]
    public void Read_MoreThanALimit_IsRefused()
    {
        string many = Data("many.parquet");

        Refusal(many, new DataOptions { MaxRowCount = 2499 }).Should().Contain("more than 2,499 rows");
        Refusal(many, new DataOptions { MaxRowCount = 100 }).Should().Contain("more than 100 rows");
        Refusal(many, new DataOptions { MaxRowByteSize = 60 }).Should().Contain("row 1, the row has more than 60 bytes");
        Refusal(many, new DataOptions { MaxTextLength = 8 }).Should().Contain("row 1, a text has more than 8 characters");
        Refusal(many, new DataOptions { MaxByteSize = 1000 }).Should().Contain("more than 1,000 bytes");
        Refusal(many, new DataOptions { MaxByteSize = 32_000 }).Should().Contain("its pages have more bytes");
        Refusal(Data("types-snappy.parquet"), new DataOptions { MaxDepth = 1 }).Should().Contain("nested deeper");
    }

    // One text of a dictionary in many rows takes few bytes in the file, and many as JSON.
    [Fact]
    public void Read_RowsOfMuchMoreJsonThanTheTable_AreRefusedAtTheLimit() =>
        Refusal(Data("many.parquet"), new DataOptions { MaxByteSize = 128 << 10 }).Should().Contain("the rows have more than 131,072 bytes as JSON");

    [Theory]
    [InlineData("PAR1")]
    [InlineData("PAR1xxxx\u00ff\u00ff\u00ff\u00ffPAR1")]
    [InlineData("PAR1xxxx\u0000\u0000\u0000\u0000PAR1")]
    [InlineData("PAR1xxxx\u0004\u0000\u0000\u0000PAR1")]
    [InlineData("PAR1xxxx\u0004\u0000\u0000\u0000PARE")]
    [InlineData("PAR1\u00ff\u00ff\u00ff\u00ff\u0004\u0000\u0000\u0000PAR1")]
    // A list of 4,294,967,295 items; lists within lists; a structure in a structure without an end.
    [InlineData("PAR1\u0029\u00fc\u00ff\u00ff\u00ff\u00ff\u000f\u0007\u0000\u0000\u0000PAR1")]
    [InlineData("PAR1\u0079\u0019\u0019\u0019\u0019\u0019\u0006\u0000\u0000\u0000PAR1")]
    [InlineData("PAR1\u007c\u001c\u001c\u001c\u001c\u001c\u0006\u0000\u0000\u0000PAR1")]
    public void Read_BadFooter_IsRefused(string bytes)
    {
        string path = _folder.File("bad.parquet");
        File.WriteAllBytes(path, [.. bytes.Select(character => (byte)character)]);

        Refusal(path, new DataOptions()).Should().Contain(path);
    }

    [Fact]
    public void Read_FooterOfDeepLists_IsRefused()
    {
        string path = _folder.File("deep.parquet");
        byte[] footer = [0x79, .. Enumerable.Repeat((byte)0x19, 100_000), 0];
        File.WriteAllBytes(path, [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);

        Refusal(path, new DataOptions()).Should().Contain("nested too deeply");
    }

    [Theory]
    [InlineData("types-uncompressed.parquet")]
    [InlineData("types-snappy.parquet")]
    [InlineData("types-zstd.parquet")]
    [InlineData("types-v2.parquet")]
    [InlineData("many-v2.parquet")]
    [InlineData("parquetjs-v2.parquet")]
    public void Read_DamagedTable_IsReadOrRefused(string table)
    {
        byte[] content = File.ReadAllBytes(Data(table));
        string path = _folder.File(table);
        var options = new DataOptions { MaxByteSize = 8 << 20 };

        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte, Gen.Int[0, content.Length - 1], Gen.Byte, Gen.Bool).Sample(
            damage =>
            {
                byte[] damaged = [.. content];
                damaged[damage.Item1] = damage.Item2;
                damaged[damage.Item5 ? damage.Item3 : damage.Item1] = damage.Item4;
                File.WriteAllBytes(path, damaged);
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    _ = DataFile.Read(path, options).Count();
                }
                catch (EvaluationDataException exception)
                {
                    exception.Message.Should().Contain(path);
                }

                (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1L << 30);
            },
            iter: 400,
            threads: 1);
    }

    [Fact]
    public void Read_TableCutOffAnywhere_IsRefused()
    {
        byte[] content = File.ReadAllBytes(Data("types-snappy.parquet"));
        string path = _folder.File("cut.parquet");
        for (int length = 1; length < content.Length; length += 7)
        {
            File.WriteAllBytes(path, content[..length]);
            Refusal(path, new DataOptions()).Should().Contain(path);
        }
    }

    private static string Refusal(string path, DataOptions options) =>
        new Action(() => _ = DataFile.Read(path, options).Count()).Should().Throw<EvaluationDataException>().Which.Message;

    private static string Data(string name) => RepositoryFiles.Committed("tests", "data", "parquet", name);
}
