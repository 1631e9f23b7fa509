using System.Globalization;
using System.Text;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Spectre.Console;
using static System.FormattableString;

namespace Llama2.Cli.Inspection;

/// <summary>
/// Writes the contents of a model file, except the weights, as tables without colours. If the output is not a terminal, each row is one line.
/// </summary>
internal sealed class InspectionReport
{
    private const int MaxValueLength = 60;
    private const int ShownElementCount = 4;
    private const int ShownEndCount = 16;
    private readonly ConsoleHost _host;

    private InspectionReport(ConsoleHost host) => _host = host;

    public static void Write(ModelFileInformation file, bool listsTensors, ConsoleHost host)
    {
        var report = new InspectionReport(host);
        report.WriteSummary(file);
        if (file.Tensors.Count > 0)
            report.WriteTypes(file);
        report.WriteMetadata(file);
        if (listsTensors)
            report.WriteTensors(file);
    }

    private void WriteSummary(ModelFileInformation file)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn().PadRight(0));
        Row("File", file.Path);
        Row("Format", Invariant($"{file.FormatName}, {file.ByteSize:N0} bytes"));
        Row("Parameters", Number(file.ParameterCount));
        if (file.Configuration is { } configuration)
        {
            Row("Architecture", configuration.Architecture);
            Row("Name", PrintableText.Shorten(configuration.Name, MaxValueLength));
            Row("Context", Invariant($"{configuration.ContextLength:N0} tokens"));
            Row("Vocabulary", Invariant($"{configuration.VocabularySize:N0} tokens"));
            Row("Ends", DescribeEnds(file));
            Row("Layers", Number(configuration.LayerCount));
            Row("Width", Invariant($"{configuration.EmbeddingLength:N0}, feed-forward {configuration.FeedForwardLength:N0}"));
            Row("Heads", Invariant($"{configuration.HeadCount:N0} of {configuration.HeadLength:N0}, {configuration.KeyValueHeadCount:N0} for keys and values"));
            Row("RMSNorm", Invariant($"epsilon {configuration.RmsNormEpsilon}"));
            Row("RoPE", Invariant($"theta {configuration.RopeTheta}, scaling {RopeScalingOption.Describe(configuration.RopeScaling)}"));
        }
        else
        {
            Row("No model", file.ConfigurationFault!);
        }

        foreach (string warning in file.Warnings)
            Row("Warning", warning);

        using var rendered = new StringWriter { NewLine = "\n" };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(rendered),
        });
        // Lines are wrapped only on a terminal, not in a pipe or a file.
        console.Profile.Width = Math.Min(_host.OutputWidth, 4096);
        console.Write(grid);
        // Spectre.Console's grid fills lines with spaces up to its width; these spaces are removed.
        foreach (string line in rendered.ToString().TrimEnd().Split('\n'))
            _host.Output.WriteLine(line.TrimEnd());

        void Row(string name, string value) => grid.AddRow(Cell(name), Cell(value));
    }

    private void WriteTypes(ModelFileInformation file) => WriteTable(
        ["Type", "Tensors", "Parameters", "Bytes", "Bits each", ""],
        [1, 2, 3, 4],
        TensorTypeSummary.Of(file),
        static (type, cells) =>
        {
            cells[0].Append(type.Type.ToString());
            cells[1].Append(CultureInfo.InvariantCulture, $"{type.Count:N0}");
            cells[2].Append(CultureInfo.InvariantCulture, $"{type.ParameterCount:N0}");
            cells[3].Append(CultureInfo.InvariantCulture, $"{type.ByteSize:N0}");
            cells[4].Append(CultureInfo.InvariantCulture, $"{8.0 * type.ByteSize / type.ParameterCount:0.00}");
            cells[5].Append(type.IsSupported ? "" : "not supported by this library");
        });

    private void WriteMetadata(ModelFileInformation file) => WriteTable(
        ["Metadata", "Value"],
        [],
        file.Metadata,
        static (pair, cells) =>
        {
            cells[0].Append(PrintableText.Shorten(pair.Key, MaxValueLength));
            cells[1].Append(Describe(pair.Value));
        });

    private void WriteTensors(ModelFileInformation file) => WriteTable(
        ["Tensor", "Type", "Dimensions", "Bytes"],
        [3],
        file.Tensors,
        static (tensor, cells) =>
        {
            cells[0].Append(PrintableText.SingleLine(tensor.Name));
            cells[1].Append(tensor.Type.ToString());
            for (int i = 0; i < tensor.Dimensions.Count; i++)
                cells[2].Append(i > 0 ? " × " : "").Append(CultureInfo.InvariantCulture, $"{tensor.Dimensions[i]}");
            cells[3].Append(CultureInfo.InvariantCulture, $"{tensor.ByteSize:N0}");
        });

    private void WriteTable<T>(string[] headings, int[] rightAligned, IEnumerable<T> rows, Action<T, StringBuilder[]> describe)
    {
        _host.Output.WriteLine();
        TextTable.Write(_host.Output, _host.OutputWidth, headings, rightAligned, rows, describe);
    }

    // A cell is text and not markup, so that the contents of a file are never interpreted as formatting.
    private static Text Cell(string text) => new(PrintableText.SingleLine(text));

    // Lists the end-of-generation tokens, each by its id and its text, such as 2 </s>.
    private static string DescribeEnds(ModelFileInformation file)
    {
        string[] pieces = file.Metadata.GetValueOrDefault("tokenizer.ggml.tokens") as string[] ?? [];
        string[] ends = [.. file.EndOfGenerationIds.Take(ShownEndCount).Select(id => Invariant($"{id} {PrintableText.Shorten(pieces[id], MaxValueLength)}"))];
        string rest = file.EndOfGenerationIds.Count > ShownEndCount ? ", …" : "";
        return ends.Length == 0 ? "none" : string.Join(", ", ends) + rest;
    }

    private static string Describe(object value) => value switch
    {
        Array array => DescribeArray(array),
        string text => PrintableText.Shorten(text, MaxValueLength),
        _ => Scalar(value),
    };

    private static string DescribeArray(Array array)
    {
        IEnumerable<string> shown = array.Cast<object>().Take(ShownElementCount).Select(element => PrintableText.Shorten(Scalar(element), MaxValueLength));
        string rest = array.Length > ShownElementCount ? ", …" : "";
        return PrintableText.Shorten(Invariant($"{array.Length:N0} × {array.GetType().GetElementType()!.Name}: {string.Join(", ", shown)}{rest}"), MaxValueLength);
    }

    private static string Scalar(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
