using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;
using Llama2.Formats;

namespace Llama2.Cli.Evaluating;

/// <summary>The folder for the results of <c>llama2 evaluate --output</c>.</summary>
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

    /// <summary>Writes the results.</summary>
    public void Write(EvaluationReport report, ConsoleHost host)
    {
        using (var file = new AtomicFile(Path.Combine(folder, "results.json")))
        {
            HarnessResults.Write(report, file.Stream);
            file.Commit();
        }

        host.Error.WriteLine(PrintableText.SingleLine($"llama2: wrote the results to '{folder}'"));
    }
}
