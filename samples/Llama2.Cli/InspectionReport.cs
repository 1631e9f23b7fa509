using System.Globalization;
using Spectre.Console;
using static System.FormattableString;

namespace Llama2.Cli;

/// <summary>What a model file says about itself, as tables without colours, each row one line.</summary>
internal sealed class InspectionReport
{
    private const int MaxValueLength = 60;
    private const int ShownElementCount = 4;
    private const int ShownEndCount = 16;
    private readonly IAnsiConsole _console;

    private InspectionReport(TextWriter output, int width)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        // In a pipe or a file nothing is wrapped.
        _console.Profile.Width = Math.Min(width, 4096);
    }

    public static void Write(ModelFileInformation file, bool listsTensors, ConsoleHost host)
    {
        using var rendered = new StringWriter { NewLine = "\n" };
        var report = new InspectionReport(rendered, host.OutputWidth);
        report.WriteSummary(file);
        if (file.Tensors.Count > 0)
            report.WriteTypes(file);
        report.WriteMetadata(file);
        if (listsTensors)
            report.WriteTensors(file);

        // Tables are padded to their width with spaces that nobody needs.
        foreach (string line in rendered.ToString().TrimEnd().Split('\n'))
            host.Output.WriteLine(line.TrimEnd());
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
            Row("Name", configuration.Name);
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

        _console.Write(grid);

        void Row(string name, string value) => grid.AddRow(Cell(name), Cell(value));
    }

    private void WriteTypes(ModelFileInformation file)
    {
        Table table = NewTable("Type", "Tensors", "Parameters", "Bytes", "Bits each", "");
        for (int i = 1; i <= 4; i++)
            table.Columns[i].RightAligned();
        foreach (TensorTypeSummary type in TensorTypeSummary.Of(file))
        {
            AddRow(
                table,
                type.Type.ToString(),
                Number(type.Count),
                Number(type.ParameterCount),
                Number(type.ByteSize),
                (8.0 * type.ByteSize / type.ParameterCount).ToString("0.00", CultureInfo.InvariantCulture),
                type.IsSupported ? "" : "not supported by this library");
        }

        Write(table);
    }

    private void WriteMetadata(ModelFileInformation file)
    {
        Table table = NewTable("Metadata", "Value");
        foreach ((string key, object value) in file.Metadata)
            AddRow(table, PrintableText.Shorten(key, MaxValueLength), Describe(value));
        Write(table);
    }

    private void WriteTensors(ModelFileInformation file)
    {
        Table table = NewTable("Tensor", "Type", "Dimensions", "Bytes");
        table.Columns[3].RightAligned();
        foreach (TensorInformation tensor in file.Tensors)
        {
            AddRow(
                table,
                PrintableText.SingleLine(tensor.Name),
                tensor.Type.ToString(),
                string.Join(" × ", tensor.Dimensions.Select(length => length.ToString(CultureInfo.InvariantCulture))),
                Number(tensor.ByteSize));
        }

        Write(table);
    }

    private void Write(Table table)
    {
        _console.WriteLine();
        _console.Write(table);
    }

    private static Table NewTable(params string[] headings)
    {
        Table table = new Table().Border(TableBorder.None);
        foreach (string heading in headings)
            table.AddColumn(new TableColumn(Cell(heading)).NoWrap().PadLeft(0).PadRight(2));
        return table;
    }

    private static void AddRow(Table table, params string[] cells) => table.AddRow(cells.Select(Cell));

    // Text, not markup: what a file says is never formatting.
    private static Text Cell(string text) => new(PrintableText.SingleLine(text));

    // Each end-of-generation token: its id and its text, such as 2 </s>.
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
        IEnumerable<string> shown = array.Cast<object>().Take(ShownElementCount).Select(Scalar);
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
