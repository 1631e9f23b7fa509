using System.Text.RegularExpressions;

namespace Llama2.Evaluation.Reports;

/// <summary>The names of the files with the examples of a task, beside the results.</summary>
internal static partial class SamplesFile
{
    /// <summary>The file's name. A task whose name has characters that are not allowed in file names gets a name with a hash.</summary>
    /// <param name="task">The name of the task.</param>
    /// <param name="suffix">What follows, such as lm-evaluation-harness' <c>_DATE</c>; empty for nothing.</param>
    public static string NameOf(string task, string suffix = "")
    {
        string safe = Unsafe().Replace(task, "_");
        return $"samples_{(safe == task && task.Length <= 150 ? task : $"{safe[..Math.Min(safe.Length, 100)]}-{DocumentHash.Of(task)[..8]}")}{suffix}.jsonl";
    }

    [GeneratedRegex("[^A-Za-z0-9_.-]", RegexOptions.NonBacktracking)]
    private static partial Regex Unsafe();
}
