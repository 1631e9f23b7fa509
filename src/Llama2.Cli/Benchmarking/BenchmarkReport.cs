using System.Globalization;
using System.Text.Json;
using Llama2.Cli.Output;

namespace Llama2.Cli.Benchmarking;

/// <summary>Writes a benchmark's figures as a table for people, or as JSON for programs.</summary>
internal static class BenchmarkReport
{
    /// <summary>
    /// Writes a line for each figure: its name, its median, and the minimum and maximum if it was measured several times. All figures of the first
    /// prompt length are written before those of the next.
    /// </summary>
    public static void WriteTable(string path, BenchmarkResult measured, TextWriter output)
    {
        BenchmarkFigure[] figures = [.. measured.Model, .. measured.Prompts.SelectMany(prompt => prompt), .. measured.Sessions, .. measured.Guesses];
        output.WriteLine($"model {PrintableText.SingleLine(path)}");
        int nameLength = figures.Max(figure => figure.Name.Length), valueLength = figures.Max(figure => Text(figure, figure.Median).Length);
        output.WriteLine($"{"".PadRight(nameLength)}  {"median".PadLeft(valueLength)}  min … max");
        foreach (BenchmarkFigure figure in figures)
        {
            string range = figure.IsRepeated ? $"  {Text(figure, figure.Values.Min())} … {Text(figure, figure.Values.Max())}" : "";
            output.WriteLine($"{figure.Name.PadRight(nameLength)}  {Text(figure, figure.Median).PadLeft(valueLength)}{range}");
        }
    }

    /// <summary>
    /// Writes one object with a member for each figure: a number, or an object with median, min and max if the figure was measured several times. If
    /// there are several prompt lengths, each has its own object in the array <c>prompts</c>.
    /// </summary>
    public static void WriteJson(string path, BenchmarkResult measured, Stream output)
    {
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("model", path);
            WriteFigures(json, measured.Model);
            if (measured.Prompts is [IReadOnlyList<BenchmarkFigure> only])
            {
                WriteFigures(json, only);
            }
            else
            {
                json.WriteStartArray("prompts");
                foreach (IReadOnlyList<BenchmarkFigure> prompt in measured.Prompts)
                {
                    json.WriteStartObject();
                    WriteFigures(json, prompt);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            WriteFigures(json, measured.Sessions);
            WriteFigures(json, measured.Guesses);
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
        output.Flush();
    }

    private static void WriteFigures(Utf8JsonWriter json, IReadOnlyList<BenchmarkFigure> figures)
    {
        foreach (BenchmarkFigure figure in figures)
        {
            if (!figure.IsRepeated)
            {
                json.WriteNumber(figure.JsonName, figure.Median);
                continue;
            }

            json.WriteStartObject(figure.JsonName);
            json.WriteNumber("median", figure.Median);
            json.WriteNumber("min", figure.Values.Min());
            json.WriteNumber("max", figure.Values.Max());
            json.WriteEndObject();
        }
    }

    private static string Text(BenchmarkFigure figure, double value) => value.ToString(figure.Format, CultureInfo.InvariantCulture);
}
