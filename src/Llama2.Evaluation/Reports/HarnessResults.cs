using Llama2.Evaluation.Reports;

namespace Llama2.Evaluation;

/// <summary>
/// Writes and reads reports in the form of lm-evaluation-harness' <c>results.json</c> and <c>samples_TASK.jsonl</c>, so that tools for its results read
/// ours, and its results can be compared with ours. In addition to the harness' fields there is <c>llama2</c>, an object with the fingerprint of the model, the
/// library's version, the processor, the digest of each task's data, and the number of truncated prompts. Thread-safe.
/// </summary>
public static class HarnessResults
{
    /// <summary>Writes the results of a report, without its examples.</summary>
    /// <param name="report">The report.</param>
    /// <param name="stream">Receives UTF-8 with a line feed at the end; it stays open.</param>
    public static void Write(EvaluationReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(stream);
        ResultsWriter.Write(report, stream);
    }

    /// <summary>Writes the examples of a task with their prompts, responses and scores: a JSON object for each example and filter, on a line of its own.</summary>
    /// <param name="task">The results of the task.</param>
    /// <param name="stream">Receives UTF-8; it stays open.</param>
    public static void WriteSamples(TaskReport task, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(stream);
        SamplesWriter.Write(task, stream);
    }

    /// <summary>The name of the file in which <see cref="Read"/> looks for the examples of a task, such as <c>samples_gsm8k.jsonl</c>.</summary>
    /// <param name="taskName">The name of the task. Characters that not all file systems allow are replaced, and a hash is added.</param>
    public static string SamplesFileName(string taskName)
    {
        ArgumentNullException.ThrowIfNull(taskName);
        return SamplesFile.NameOf(taskName);
    }

    /// <summary>
    /// Reads results that <see cref="Write"/> or lm-evaluation-harness wrote, and the examples of their tasks from the files beside them:
    /// <c>samples_TASK.jsonl</c>, or <c>samples_TASK_DATE.jsonl</c> if the results are in <c>results_DATE.json</c>. A task without such a file has no
    /// examples. The files are untrusted.
    /// </summary>
    /// <param name="path">The file of results, at most 256 MiB, or a folder with a <c>results.json</c>. Lines of the samples have at most 64 MiB.</param>
    /// <exception cref="EvaluationDataException">A file is malformed or exceeds a limit; the message names the file and the place.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static EvaluationReport Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ResultsReader.Read(path);
    }
}
