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
    /// <exception cref="CommandException">There is no such task or file.</exception>
    public static EvaluationTaskSet Load(IReadOnlyList<string> names, DataFolder data, BuiltInTaskOptions options)
    {
        List<IEvaluationTask> tasks = [];
        List<EvaluationTaskGroup> groups = [];
        foreach (string name in names.Distinct())
        {
            EvaluationTaskSet set = BuiltInTasks.Contains(name) ? BuiltInTasks.Create(name, data, options)
                : throw new CommandException($"There is no task '{name}': it is neither a built-in task (llama2 evaluate --list) nor a file or folder.");
            // A task that two groups contain is run once.
            tasks.AddRange(set.Tasks.Where(task => tasks.All(other => other.Info.Name != task.Info.Name)));
            groups.AddRange(set.Groups.Where(group => groups.All(other => other.Name != group.Name)));
        }

        return new EvaluationTaskSet(tasks, groups);
    }
}
