using Llama2.Cli.Output;

namespace Llama2.Cli.Tests.Output;

public class TextTableTests
{
    [Fact]
    public void Write_NumbersAndWideCharacters_AlignsColumns() =>
        Table(80, ["ab", "1"], ["模型", "1,000"], ["", "20"]).Should().Equal("Key   Bytes", "ab        1", "模型  1,000", "         20");

    [Fact]
    public void Write_NarrowOutput_FoldsTheWidestColumn() =>
        Table(19, ["0123456789abcdef", "1"], ["x", "1,000"]).Should().Equal("Key           Bytes", "0123456789ab      1", "cdef", "x             1,000");

    [Fact]
    public void Write_NarrowOutput_KeepsCharactersWhole() =>
        Table(16, ["a模型模型模型", "1"]).Should().Equal("Key        Bytes", "a模型模型      1", "模型");

    [Fact]
    public void Write_NoRows_WritesHeadings() => Table(80).Should().Equal("Key  Bytes");

    private static string[] Table(int width, params string[][] rows)
    {
        using var output = new StringWriter { NewLine = "\n" };
        TextTable.Write(output, width, ["Key", "Bytes"], [1], rows, static (row, cells) =>
        {
            cells[0].Append(row[0]);
            cells[1].Append(row[1]);
        });
        return output.ToString().TrimEnd('\n').Split('\n');
    }
}
