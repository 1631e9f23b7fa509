using System.Globalization;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Benchmarks;

/// <summary>The table of built-in tasks in docs/evaluation.md.</summary>
public class BuiltInTasksDocumentTests
{
    // Tasks that differ only in the part of the data set have one row.
    private static readonly (string Representative, Func<string, bool> IsSame)[] s_families =
    [
        ("mmlu_anatomy", name => IsTask(name) && name.StartsWith("mmlu_", StringComparison.Ordinal) && !name.EndsWith("_continuation", StringComparison.Ordinal)),
        ("mmlu_anatomy_continuation", name => IsTask(name) && name.StartsWith("mmlu_", StringComparison.Ordinal) && name.EndsWith("_continuation", StringComparison.Ordinal)),
        ("mmlu_stem", name => !IsTask(name) && name.StartsWith("mmlu_", StringComparison.Ordinal) && name != "mmlu_continuation"),
        ("bbq_age", name => name.StartsWith("bbq_", StringComparison.Ordinal)),
        ("bold_gender", name => name.StartsWith("bold_", StringComparison.Ordinal)),
        ("crows_pairs_english_age", name => name.StartsWith("crows_pairs_english_", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Table_Rows_AreTheDescriptionsOfAllTasks()
    {
        string table = string.Join('\n', Rows());
        File.ReadAllText(RepositoryFiles.Committed("docs", "evaluation.md")).Should().Contain(table);
    }

    private static IEnumerable<string> Rows()
    {
        yield return "| Task | Data set | Few-shot examples | What is measured |";
        yield return "|---|---|---|---|";
        foreach (string name in BuiltInTasks.Names)
        {
            (string Representative, Func<string, bool> IsSame) family = s_families.FirstOrDefault(item => item.IsSame(name));
            if (family.IsSame is not null && family.Representative != name)
                continue;
            int others = family.IsSame is null ? 0 : BuiltInTasks.Names.Count(family.IsSame) - 1;
            BuiltInTaskDescription task = BuiltInTasks.Describe(name);
            string count = IsTask(name) ? task.FewShotCount.ToString(CultureInfo.InvariantCulture) : "";
            string data = IsTask(name) ? $"`{task.DatasetPath}`, {task.Split}" : string.Join(", ", task.TaskNames.Take(4).Select(inner => $"`{inner}`")) + (task.TaskNames.Count > 4 ? ", …" : "");
            yield return $"| `{name}`{(others > 0 ? $" and {others} others" : "")} | {data} | {count} | {task.Description.Replace("|", "\\|", StringComparison.Ordinal)} |";
        }
    }

    private static bool IsTask(string name) => BuiltInTasks.Describe(name).TaskNames.Count == 0;
}
