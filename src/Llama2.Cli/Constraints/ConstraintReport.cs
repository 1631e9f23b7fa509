using System.Text.Json;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Constraints;

/// <summary>Writes the results of the constraint commands, as lines for people or as one JSON object for programs.</summary>
internal static class ConstraintReport
{
    /// <summary>Writes the size of a schema that is supported.</summary>
    /// <param name="constraint">The constraint that was made from the schema.</param>
    /// <param name="minTokenCount">The minimum number of tokens of a text that fits the schema; null without a tokenizer.</param>
    /// <param name="isJson">Whether to write JSON.</param>
    /// <param name="host">The streams.</param>
    public static void WriteSchema(OutputConstraint constraint, int? minTokenCount, bool isJson, ConsoleHost host)
    {
        if (!isJson)
        {
            string minimum = minTokenCount is int count ? Invariant($"; at least {Plural(count, "token")}") : "";
            host.Output.WriteLine(Invariant($"supported: {Plural(constraint.RuleCount, "rule")}, {Plural(constraint.LexemeCount, "lexeme")}{minimum}"));
            return;
        }

        JsonOutput.Write(host.OutputStream, json =>
        {
            json.WriteNumber("rules", constraint.RuleCount);
            json.WriteNumber("lexemes", constraint.LexemeCount);
            if (minTokenCount is int count)
                json.WriteNumber("min_tokens", count);
        });
    }

    /// <summary>Writes whether a text fits the schema and, if not, where it was refused.</summary>
    /// <param name="line">The number of the text.</param>
    /// <param name="text">The text.</param>
    /// <param name="tokenizer">The tokenizer of the tokens.</param>
    /// <param name="output">The writer of the output.</param>
    public static void WriteText(long line, CheckedText text, ModelTokenizer tokenizer, TextWriter output) =>
        output.WriteLine(text.IsAccepted ? Invariant($"{line}: accepted, {Plural(text.Tokens.Length, "token")}") : Invariant($"{line}: refused {text.Describe(tokenizer)}"));

    /// <summary>Writes the results of all texts, and how long masks took to compute.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="masks">Statistics of the times that the masks took to compute, in microseconds.</param>
    /// <param name="output">The output.</param>
    public static void WriteTexts(IReadOnlyList<CheckedText> texts, TimeFigures masks, Stream output) => JsonOutput.Write(output, json =>
    {
        json.WriteNumber("texts", texts.Count);
        json.WriteNumber("accepted", texts.Count(text => text.IsAccepted));
        json.WritePropertyName("results");
        json.WriteArray(texts, static (json, text) =>
        {
            json.WriteStartObject();
            json.WriteBoolean("accepted", text.IsAccepted);
            json.WriteNumber("tokens", text.Tokens.Length);
            json.WriteNumber("accepted_tokens", text.AcceptedCount);
            json.WriteEndObject();
        });
        WriteMasks(json, masks);
    });

    /// <summary>Writes a benchmark's figures.</summary>
    /// <param name="benchmark">The benchmark.</param>
    /// <param name="isJson">Whether to write JSON.</param>
    /// <param name="host">The streams.</param>
    public static void WriteBenchmark(SchemaBenchmark benchmark, bool isJson, ConsoleHost host)
    {
        TimeFigures masks = benchmark.MaskMicroseconds, compilations = benchmark.CompileMilliseconds;
        if (!isJson)
        {
            host.Output.WriteLine(Invariant($"schemas {benchmark.SchemaCount}, passed {benchmark.PassedCount} ({100.0 * benchmark.PassedCount / Math.Max(1, benchmark.SchemaCount):F1} %)"));
            host.Output.WriteLine(Invariant($"compile errors {benchmark.CompileErrorCount}, valid rejected {benchmark.ValidRejectedCount}, invalid accepted {benchmark.InvalidAcceptedCount}"));
            host.Output.WriteLine(Invariant($"mask: average {masks.Average:F1} µs, 99th percentile {masks.Percentile99:F1} µs, worst {masks.Worst:F0} µs, {masks.Count} masks"));
            host.Output.WriteLine(Invariant($"compile and first mask: median {compilations.Median:F2} ms, worst {compilations.Worst:F1} ms at '{PrintableText.Shorten(benchmark.SlowestSchema, 80)}'"));
            return;
        }

        JsonOutput.Write(host.OutputStream, json =>
        {
            json.WriteNumber("schemas", benchmark.SchemaCount);
            json.WriteNumber("passed", benchmark.PassedCount);
            json.WriteNumber("compile_errors", benchmark.CompileErrorCount);
            json.WriteNumber("valid_rejected", benchmark.ValidRejectedCount);
            json.WriteNumber("invalid_accepted", benchmark.InvalidAcceptedCount);
            WriteMasks(json, masks);
            json.WriteNumber("compile_median_ms", Math.Round(compilations.Median, 3));
            json.WriteNumber("compile_worst_ms", Math.Round(compilations.Worst, 3));
            json.WriteString("compile_worst_schema", benchmark.SlowestSchema);
        });
    }

    private static void WriteMasks(Utf8JsonWriter json, TimeFigures masks)
    {
        json.WriteNumber("masks", masks.Count);
        json.WriteNumber("mask_average_us", Math.Round(masks.Average, 3));
        json.WriteNumber("mask_p99_us", Math.Round(masks.Percentile99, 3));
        json.WriteNumber("mask_worst_us", Math.Round(masks.Worst, 3));
    }

    private static string Plural(int count, string noun) => Invariant($"{count:N0} {noun}{(count == 1 ? "" : "s")}");
}
