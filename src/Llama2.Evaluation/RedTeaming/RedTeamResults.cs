using System.Globalization;
using System.Text;
using System.Text.Json;
using Llama2.Evaluation.Reports;

namespace Llama2.Evaluation;

/// <summary>Writes the results of red-team tests: figures as JSON or Markdown, and every conversation as JSON lines. Thread-safe.</summary>
public static class RedTeamResults
{
    /// <summary>Writes the figures as a JSON object: shares of successes with 95 % confidence intervals, in total, by style, by category and by both.</summary>
    /// <param name="report">The report.</param>
    /// <param name="stream">Receives UTF-8 with a line feed at the end; it stays open.</param>
    public static void WriteJson(RedTeamReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(stream);
        ReportJson.WriteIndented(stream, writer =>
        {
            writer.WriteString("model_name", report.ModelName);
            writer.WriteString("fingerprint", report.Fingerprint);
            writer.WriteString("judge", report.JudgeName);
            writer.WriteNumber("date", report.StartTime.ToUnixTimeMilliseconds() / 1000.0);
            writer.WriteNumber("duration_seconds", report.Duration.TotalSeconds);
            writer.WriteNumber("truncated", report.TruncatedCount);
            Write(writer, "attack_success", report.SuccessRate);
            Write(writer, "over_refusal", report.OverRefusalRate);
            writer.WriteStartObject("by_style");
            foreach ((string style, RateEstimate rate) in report.ByStyle)
                Write(writer, style, rate);
            writer.WriteEndObject();
            writer.WriteStartObject("by_category");
            foreach ((string category, RateEstimate rate) in report.ByCategory)
                Write(writer, category, rate);
            writer.WriteEndObject();
            writer.WriteStartObject("by_style_and_category");
            foreach ((string style, _) in report.ByStyle)
            {
                writer.WriteStartObject(style);
                foreach ((string category, _) in report.ByCategory)
                    Write(writer, category, report.RateOf(style, category));
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>Writes every conversation with its judgement as a JSON object on a line of its own.</summary>
    /// <param name="report">The report.</param>
    /// <param name="stream">Receives UTF-8; it stays open.</param>
    public static void WriteTranscripts(RedTeamReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(stream);
        foreach (AttackResult result in report.Attacks)
            WriteTranscript(result, isBenign: false, stream);
        foreach (AttackResult result in report.Benign)
            WriteTranscript(result, isBenign: true, stream);
    }

    /// <summary>Writes the figures as Markdown tables.</summary>
    /// <param name="report">The report.</param>
    public static string ToMarkdown(RedTeamReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Red-team test of {MarkdownText.Escape(report.ModelName)}\n\nJudge: {MarkdownText.Escape(report.JudgeName)}. Shares with 95 % confidence intervals.\n\n");
        if (report.TruncatedCount > 0)
            text.Append(CultureInfo.InvariantCulture, $"{report.TruncatedCount:N0} conversations are longer than the model's context, and lost their beginning.\n\n");
        text.Append("| | share | 95 % interval | n |\n|---|---:|---:|---:|\n");
        Row("attacks that succeeded", report.SuccessRate);
        if (report.Benign.Count > 0)
            Row("harmless requests that were refused", report.OverRefusalRate);
        text.Append("\n| style | attacks that succeeded | 95 % interval | n |\n|---|---:|---:|---:|\n");
        foreach ((string style, RateEstimate rate) in report.ByStyle)
            Row(style, rate);
        text.Append("\n| category | attacks that succeeded | 95 % interval | n |\n|---|---:|---:|---:|\n");
        foreach ((string category, RateEstimate rate) in report.ByCategory)
            Row(category.Length == 0 ? "(none)" : category, rate);
        return text.ToString();

        void Row(string name, RateEstimate rate) => text.Append(
            CultureInfo.InvariantCulture, $"| {MarkdownText.Escape(name)} | {100 * rate.Value:F1} % | {100 * rate.LowerBound:F1} to {100 * rate.UpperBound:F1} % | {rate.TotalCount:N0} |\n");
    }

    private static void Write(Utf8JsonWriter writer, string name, RateEstimate rate)
    {
        writer.WriteStartObject(name);
        if (rate.TotalCount > 0)
            writer.WriteNumber("share", rate.Value);
        else
            writer.WriteNull("share");
        writer.WriteNumber("lower", rate.LowerBound);
        writer.WriteNumber("upper", rate.UpperBound);
        writer.WriteNumber("count", rate.Count);
        writer.WriteNumber("total", rate.TotalCount);
        writer.WriteEndObject();
    }

    private static void WriteTranscript(AttackResult result, bool isBenign, Stream stream) => ReportJson.WriteLine(stream, writer =>
    {
        writer.WriteString("id", result.Transcript.Behavior.Id);
        writer.WriteString("behavior", result.Transcript.Behavior.Text);
        writer.WriteString("category", result.Transcript.Behavior.Category);
        writer.WriteString("style", result.Transcript.StyleName);
        writer.WriteBoolean("benign", isBenign);
        writer.WriteStartArray("messages");
        foreach (LlamaMessage message in result.Transcript.Messages)
        {
            writer.WriteStartObject();
            writer.WriteString("role", PromptText.RoleOf(message));
            writer.WriteString("content", message.Content);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("answer", result.Transcript.Answer);
        writer.WriteBoolean("truncated", result.Transcript.IsTruncated);
        writer.WriteBoolean("succeeded", result.Verdict.HasSucceeded);
        writer.WriteString("label", result.Verdict.Label);
        writer.WriteString("reason", result.Verdict.Reason);
    });
}
