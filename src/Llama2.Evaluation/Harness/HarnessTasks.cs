using System.Text.Json;
using Llama2.Evaluation.Benchmarks;
using Llama2.Evaluation.Harness.Definitions;
using Llama2.Evaluation.Harness.Files;
using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation;

/// <summary>
/// Tasks and groups that task files of lm-evaluation-harness define (YAML files, https://github.com/EleutherAI/lm-evaluation-harness). Prompts, requests and
/// metrics are those of the harness. No Python is run: the functions of some of the harness' own tasks have counterparts here, and every other file that
/// needs Python is refused. Immutable and thread-safe.
/// </summary>
public sealed class HarnessTasks
{
    private readonly Dictionary<string, IReadOnlyList<string>> _tags;

    private HarnessTasks(IReadOnlyList<IEvaluationTask> tasks, IReadOnlyList<EvaluationTaskGroup> groups, Dictionary<string, IReadOnlyList<string>> tags, IReadOnlyList<HarnessTaskException> faults)
        => (Tasks, Groups, _tags, Faults) = (tasks, groups, tags, faults);

    /// <summary>The tasks. The documents of a task are read when its examples are first used.</summary>
    public IReadOnlyList<IEvaluationTask> Tasks { get; }

    /// <summary>The groups. A variant of a task that only a group defines has the name <c>group::task</c>.</summary>
    public IReadOnlyList<EvaluationTaskGroup> Groups { get; }

    /// <summary>The tags, each of which names several tasks.</summary>
    public IReadOnlyCollection<string> Tags => _tags.Keys;

    /// <summary>What could not be loaded from a folder, and why: files that are malformed or need Python, and members of groups that do not exist.</summary>
    public IReadOnlyList<HarnessTaskException> Faults { get; }

    /// <summary>Loads a task file, or all files of a folder and of the folders in it whose names end with <c>.yaml</c>.</summary>
    /// <param name="path">The file or the folder.</param>
    /// <param name="data">The folder with the data sets, which have the names that the files state (<c>dataset_path</c>).</param>
    /// <param name="options">Few-shot examples and prompts; null for the defaults.</param>
    /// <exception cref="HarnessTaskException">
    /// The file is malformed, exceeds a limit, or needs Python; or the folder has no task file. Faults of single files of a folder are in
    /// <see cref="Faults"/>.
    /// </exception>
    public static HarnessTasks Load(string path, DataFolder data, HarnessTaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Load(path, (dataset, name, split) => data.Read(dataset, name, split), options);
    }

    /// <summary>Loads task files whose documents the caller provides.</summary>
    /// <param name="path">The file or the folder.</param>
    /// <param name="source">
    /// Reads the documents of a split, which are objects: its arguments are the data set's name (<c>dataset_path</c>), the name of its configuration
    /// (<c>dataset_name</c>, or null) and the split. It must be thread-safe.
    /// </param>
    /// <param name="options">Few-shot examples and prompts; null for the defaults.</param>
    /// <inheritdoc cref="Load(string, DataFolder, HarnessTaskOptions?)"/>
    public static HarnessTasks Load(string path, Func<string, string?, string, IReadOnlyList<JsonElement>> source, HarnessTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new HarnessTaskOptions();
        path = Path.GetFullPath(path);
        bool isFolder = Directory.Exists(path);
        string folder = isFolder ? path : Path.GetDirectoryName(path)!;
        var index = new TaskFileIndex();
        var reader = new TaskFileReader(options.RootFolder ?? folder);
        if (isFolder)
        {
            index.AddFolder(path, reader);
            if (index.Tasks.Count + index.Groups.Count + index.Faults.Count == 0)
                throw new HarnessTaskException(path, null, $"The folder '{path}' has no task files, whose names end with .yaml.");
        }
        else
        {
            index.Add(path, reader);
            if (index.Groups.FirstOrDefault().Key is { } group)
                return LoadGroup(group, folder, index, reader, options, source.Invoke);
        }

        return Build(index, options, source.Invoke, collectsFaults: isFolder);
    }

    /// <summary>Chooses tasks for a run.</summary>
    /// <param name="names">Names of tasks, groups and tags.</param>
    /// <returns>The tasks, each once and including the tasks of groups and tags, and the groups.</returns>
    /// <exception cref="ArgumentException">No task, group or tag has one of the names.</exception>
    public EvaluationTaskSet Select(params IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var tasks = new OrderedDictionary<string, IEvaluationTask>();
        var groups = new OrderedDictionary<string, EvaluationTaskGroup>();
        foreach (string name in names)
        {
            if (!Add(name, tasks, groups))
                throw new ArgumentException($"There is no task, group or tag '{name}' in the task files.", nameof(names));
        }

        return new EvaluationTaskSet([.. tasks.Values], [.. groups.Values]);
    }

    // The members of a group are in the files beside it and in the folders below.
    private static HarnessTasks LoadGroup(
        string name, string folder, TaskFileIndex index, TaskFileReader reader, HarnessTaskOptions options, DocumentSource source)
    {
        new GroupBuilder(index).CheckAggregation(name);
        index.AddFolder(folder, reader);
        // Throws an exception for a fault of this group; the faults of others are in Faults.
        new GroupBuilder(index).Add(name, index.Groups[name]);
        HarnessTasks all = Build(index, options, source, collectsFaults: true);
        EvaluationTaskSet selected = all.Select(name);
        return new HarnessTasks(selected.Tasks, selected.Groups, all._tags, all.Faults);
    }

    private bool Add(string name, OrderedDictionary<string, IEvaluationTask> tasks, OrderedDictionary<string, EvaluationTaskGroup> groups)
    {
        if (Tasks.FirstOrDefault(task => task.Info.Name == name) is { } task)
        {
            tasks.TryAdd(name, task);
            return true;
        }

        EvaluationTaskGroup? group = Groups.FirstOrDefault(group => group.Name == name);
        if (group is not null && !groups.TryAdd(name, group))
            return true;
        IReadOnlyList<string>? members = group?.TaskNames ?? _tags.GetValueOrDefault(name);
        foreach (string member in members ?? [])
            Add(member, tasks, groups);
        return members is not null;
    }

    private static HarnessTasks Build(TaskFileIndex index, HarnessTaskOptions options, DocumentSource source, bool collectsFaults)
    {
        List<HarnessTaskException> faults = [.. index.Faults];
        var builder = new GroupBuilder(index);
        foreach ((string name, YamlValue group) in index.Groups)
            Try(() => builder.Add(name, group), collectsFaults, faults);
        List<IEvaluationTask> tasks = [];
        foreach ((string name, YamlValue task) in index.Tasks.Concat(builder.Variants))
            Try(() => tasks.Add(new HarnessTask(name, task, options, source)), collectsFaults, faults);
        return new HarnessTasks(tasks, [.. builder.Groups.Values], index.Tags.ToDictionary(tag => tag.Key, tag => (IReadOnlyList<string>)[.. tag.Value]), [.. faults, .. builder.Faults]);
    }

    private static void Try(Action action, bool collectsFaults, List<HarnessTaskException> faults)
    {
        try
        {
            action();
        }
        catch (HarnessTaskException exception) when (collectsFaults)
        {
            faults.Add(exception);
        }
    }
}
