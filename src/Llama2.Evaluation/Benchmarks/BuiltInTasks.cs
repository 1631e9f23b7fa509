using System.Globalization;
using Llama2.Evaluation.Benchmarks;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation;

/// <summary>
/// The tasks that this library defines itself: the benchmarks of Llama 2's paper and of its model card, as lm-evaluation-harness defines them, and
/// tests of safety and bias. They need no task files. The data sets are read from a folder; none is part of the library. Thread-safe.
/// </summary>
public static class BuiltInTasks
{
    /// <summary>
    /// The names of all groups and tasks, in alphabetical order. The methods also understand <c>siqa</c>, <c>squad_v2</c> and <c>crows_pairs</c>, for
    /// <c>social_iqa</c>, <c>squadv2</c> and <c>crows_pairs_english</c>.
    /// </summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. BenchmarkTable.Groups.Select(group => group.Name).Concat(BenchmarkTable.Tasks.Select(task => task.Name)).Order(StringComparer.Ordinal)];

    /// <summary>Whether there is a task or group with a name.</summary>
    /// <param name="name">The name, which may be one of the other names of a task.</param>
    public static bool Contains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return BenchmarkTable.TasksByName.ContainsKey(name) || BenchmarkTable.GroupsByName.ContainsKey(name) || BenchmarkTable.Synonyms.ContainsKey(name);
    }

    /// <summary>Describes a task or group.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static BuiltInTaskDescription Describe(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (BenchmarkTable.GroupsByName.TryGetValue(name, out BenchmarkGroup? group))
            return new BuiltInTaskDescription(name, group.Description) { TaskNames = group.Group.TaskNames };
        Benchmark task = Find(name);
        return new BuiltInTaskDescription(task.Name, task.Description)
        {
            DatasetPath = task.Data.Path,
            DatasetName = task.Data.Name,
            Split = task.Data.Split,
            OutputType = OutputTypeName.Of(task.Output),
            FewShotCount = task.FewShotCount,
        };
    }

    /// <summary>Creates a task, or all tasks of a group, with the documents of a folder. All documents are read at once.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="data">The folder with the data sets.</param>
    /// <param name="options">Few-shot examples, prompts and scorers; null for the defaults.</param>
    /// <returns>
    /// The tasks, and the groups that contain them. Subjects of MMLU that are not in the folder are left out of its groups, whose
    /// <see cref="EvaluationTaskGroup.Alias"/> then says how many there are.
    /// </returns>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    /// <exception cref="EvaluationDataException">
    /// A data set is not in the folder, is malformed, or has fewer examples than are to be shown before each question.
    /// </exception>
    public static EvaluationTaskSet Create(string name, DataFolder data, BuiltInTaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Create(name, (path, part, split) => data.Read(path, part, split), options);
    }

    internal static EvaluationTaskSet Create(string name, DocumentSource source, BuiltInTaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new BuiltInTaskOptions();
        List<IEvaluationTask> tasks = [];
        List<EvaluationTaskGroup> groups = [];
        Add(name, source, options, tasks, groups);
        return new EvaluationTaskSet(tasks, groups);
    }

    private static void Add(string name, DocumentSource source, BuiltInTaskOptions options, List<IEvaluationTask> tasks, List<EvaluationTaskGroup> groups)
    {
        if (!BenchmarkTable.GroupsByName.TryGetValue(name, out BenchmarkGroup? group))
        {
            tasks.Add(Find(name).CreateTask(source, options));
            return;
        }

        int position = groups.Count, firstTask = tasks.Count;
        groups.Add(group.Group);
        List<string> missing = [];
        EvaluationDataException? fault = null;
        foreach (string inner in group.Group.TaskNames)
        {
            try
            {
                Add(inner, source, options, tasks, groups);
            }
            catch (EvaluationDataException exception) when (group.LeavesOutMissing && exception.IsMissingData)
            {
                // An inner group of which nothing is there has been added already.
                groups.RemoveAll(other => other.Name == inner);
                missing.Add(inner);
                fault ??= exception;
            }
        }

        if (fault is not null && tasks.Count == firstTask)
            throw fault;
        int count = TaskCount(group), foundCount = tasks.Count - firstTask;
        if (foundCount < count)
        {
            groups[position] = group.Group with
            {
                Alias = string.Create(CultureInfo.InvariantCulture, $"{group.Group.Alias ?? name} ({foundCount} of {count} tasks)"),
                TaskNames = [.. group.Group.TaskNames.Except(missing)],
            };
        }
    }

    private static int TaskCount(BenchmarkGroup group)
        => group.Group.TaskNames.Sum(name => BenchmarkTable.GroupsByName.TryGetValue(name, out BenchmarkGroup? inner) ? TaskCount(inner) : 1);

    private static Benchmark Find(string name) => BenchmarkTable.TasksByName.TryGetValue(BenchmarkTable.Synonyms.GetValueOrDefault(name, name), out Benchmark? task)
        ? task
        : throw new ArgumentException($"There is no built-in task '{name}'. Names lists the tasks, such as mmlu, hellaswag and gsm8k.", nameof(name));
}
