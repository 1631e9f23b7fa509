using System.Text;
using Llama2.Evaluation;
using Llama2.Tests;

namespace Llama2.Fuzz;

/// <summary>Readers of evaluation data.</summary>
internal static class DataTargets
{
    public static FuzzTarget Json() => Target(
        "data.json",
        [.. new[] { """[{"a":1},{"b":[{"c":"d"}]}]""", """{"a":[1,2],"b":["x","y"]}""", """{"features":[{"name":"a"}],"rows":[{"row_idx":0,"row":{"a":[1]}}]}""", "{\"a\":1}\n{\"a\":2}\n" }.Select(Encoding.UTF8.GetBytes)],
        [.. FuzzTargets.JsonWords, "\"rows\":[{\"row\":{}}]"]);

    public static FuzzTarget CommaSeparated() => Target(
        "data.csv", [.. new[] { "a,\"b c\",d\r\n1,\"2,\n3\",\"\"\"4\"\"\"\r\n\r\n5,,6\n", "a\n1\n" }.Select(Encoding.UTF8.GetBytes)], ["\"", "\"\"", ",", "\n", "\r", "\uFEFF", "\"\n\""]);

    public static FuzzTarget Parquet() => Target(
        "data.parquet", [.. Directory.GetFiles(RepositoryFiles.Committed("tests", "data", "parquet"), "*.parquet").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)], ["PAR1"]);

    private static FuzzTarget Target(string name, byte[][] seeds, string[] words)
    {
        var folder = new TemporaryFolder();
        string path = folder.File(name);
        var options = new DataOptions { MaxByteSize = 4 << 20, MaxRowCount = 10_000 };
        return new FuzzTarget(seeds, input =>
        {
            File.WriteAllBytes(path, input);
            _ = DataFile.Read(path, options).Count();
        })
        { Words = words };
    }
}
