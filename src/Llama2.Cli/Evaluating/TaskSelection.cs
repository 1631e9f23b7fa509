using System.Text.Json;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Evaluating;

/// <summary>The tasks that a command names with <c>--task</c>.</summary>
internal static class TaskSelection
{
    /// <summary>Reads tasks and groups.</summary>
    /// <param name="names">Names of built-in tasks, task files, or folders of task files.</param>
    /// <param name="data">The data sets.</param>
    /// <param name="options">How prompts are made.</param>
    /// <param name="tell">Receives a line for each task of a folder that cannot be run.</param>
    /// <exception cref="CommandException">There is no such task or file.</exception>
    /// <exception cref="EvaluationDataException">A task file is malformed, or its data are missing.</exception>
    public static EvaluationTaskSet Load(IReadOnlyList<string> names, DataFolder data, BuiltInTaskOptions options, Action<string> tell)
    {
        List<IEvaluationTask> tasks = [];
        List<EvaluationTaskGroup> groups = [];
        foreach (string name in names.Distinct())
        {
            EvaluationTaskSet set = BuiltInTasks.Contains(name) ? BuiltInTasks.Create(name, data, options)
                : Path.Exists(name) ? LoadFiles(name, data, options, tell)
                : throw new CommandException($"There is no task '{name}': it is neither a built-in task (llama2 evaluate --list) nor a file or folder.");
            CheckNames(name, set, tasks, groups);
            // A task that two groups contain is run once.
            tasks.AddRange(set.Tasks.Where(task => tasks.All(other => other.Info.Name != task.Info.Name)));
            groups.AddRange(set.Groups.Where(group => groups.All(other => other.Name != group.Name)));
        }

        return new EvaluationTaskSet(tasks, groups);
    }

    private static void CheckNames(string source, EvaluationTaskSet set, List<IEvaluationTask> tasks, List<EvaluationTaskGroup> groups)
    {
        string? name = set.Tasks.FirstOrDefault(task => groups.Any(group => group.Name == task.Info.Name)
                || tasks.Any(other => other.Info.Name == task.Info.Name && !AreEqual(other.Info.Configuration, task.Info.Configuration)))?.Info.Name
            ?? set.Groups.FirstOrDefault(group => tasks.Any(task => task.Info.Name == group.Name)
                || groups.Any(other => other.Name == group.Name && !other.TaskNames.SequenceEqual(group.TaskNames)))?.Name;
        if (name is not null)
            throw new CommandException($"'{source}' and a --task before it define '{name}' differently. Run them one after the other, or rename one of them.");
    }

    private static bool AreEqual(JsonElement first, JsonElement second)
        => first.ValueKind == second.ValueKind && (first.ValueKind == JsonValueKind.Undefined || JsonElement.DeepEquals(first, second));

    private static EvaluationTaskSet LoadFiles(string path, DataFolder data, BuiltInTaskOptions options, Action<string> tell)
    {
        HarnessTasks files = HarnessTasks.Load(path, data, new HarnessTaskOptions
        {
            FewShotCount = options.FewShotCount,
            UsesChat = options.UsesChat ?? false,
            FewShotsAreTurns = options.FewShotsAreTurns,
            SystemPrompt = options.SystemPrompt,
            MaxTokens = options.MaxTokens,
        });
        foreach (HarnessTaskException fault in files.Faults)
            tell(fault.Message);
        // The documents are read now, so that missing ones are reported before the model is loaded.
        foreach (IEvaluationTask task in files.Tasks)
            _ = task.ExampleCount;
        return files.Tasks.Count > 0
            ? new EvaluationTaskSet(files.Tasks, files.Groups)
            : throw new CommandException($"'{path}' has no task that can be run.");
    }
}
