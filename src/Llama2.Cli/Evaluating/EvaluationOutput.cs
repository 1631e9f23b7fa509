using System.Text;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;
using Llama2.Formats;

namespace Llama2.Cli.Evaluating;

/// <summary>The folder for the results of <c>llama2 evaluate --output</c> and <c>llama2 redteam --output</c>.</summary>
/// <param name="folder">The folder, which exists.</param>
internal sealed class EvaluationOutput(string folder)
{
    /// <summary>The file in which each response is stored as it comes.</summary>
    public string JournalPath => Path.Combine(folder, "responses.jsonl");

    /// <summary>Creates the folder if there is none.</summary>
    /// <exception cref="CommandException">The path is a file.</exception>
    public static EvaluationOutput Create(string folder)
    {
        if (File.Exists(folder))
            throw new CommandException($"'{folder}' is a file; --output names a folder.");
        Directory.CreateDirectory(folder);
        return new EvaluationOutput(folder);
    }

    /// <summary>Writes the results of an evaluation: the examples of each task, the tables and the page, and last <c>results.json</c>.</summary>
    public void Write(EvaluationReport report, ConsoleHost host)
    {
        foreach (TaskReport task in report.Tasks)
            Write(HarnessResults.SamplesFileName(task.Info.Name), stream => HarnessResults.WriteSamples(task, stream));
        Write("report.md", stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), -1, leaveOpen: true);
            MarkdownReport.Write(report, writer);
        });
        Write("report.html", stream => HtmlReport.Write(report, stream));
        Write("results.json", stream => HarnessResults.Write(report, stream));
        host.Error.WriteLine(PrintableText.SingleLine($"llama2: wrote results.json, samples_TASK.jsonl, report.md and the page report.html to '{folder}'"));
    }

    /// <summary>Writes the results of a red-team test.</summary>
    public void Write(RedTeamReport report, ConsoleHost host)
    {
        Write("results.json", stream => RedTeamResults.WriteJson(report, stream));
        Write("transcripts.jsonl", stream => RedTeamResults.WriteTranscripts(report, stream));
        Write("report.md", stream => stream.Write(Encoding.UTF8.GetBytes(RedTeamResults.ToMarkdown(report))));
        host.Error.WriteLine(PrintableText.SingleLine($"llama2: wrote results.json, transcripts.jsonl and report.md to '{folder}'"));
    }

    private void Write(string name, Action<Stream> write)
    {
        using var file = new AtomicFile(Path.Combine(folder, name), 1 << 16);
        write(file.Stream);
        file.Commit();
    }
}
