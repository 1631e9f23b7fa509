using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation.Harness.Files;

/// <summary>The tasks, groups and tags of a folder, by name; built as lm-evaluation-harness builds its index (<c>lm_eval/tasks/_index.py</c>).</summary>
internal sealed class TaskFileIndex
{
    private readonly OrderedDictionary<string, YamlValue> _tasks = [], _groups = [];
    private readonly Dictionary<string, SortedSet<string>> _tags = [];
    private readonly List<HarnessTaskException> _faults = [];
    private readonly HashSet<string> _paths = [];

    /// <summary>The configurations of tasks, in the order of their files.</summary>
    public IReadOnlyDictionary<string, YamlValue> Tasks => _tasks;

    /// <summary>The configurations of groups, in the order of their files.</summary>
    public IReadOnlyDictionary<string, YamlValue> Groups => _groups;

    /// <summary>The names of the tasks of each tag, in alphabetical order.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Tags => _tags;

    /// <summary>The files that cannot be read.</summary>
    public IReadOnlyList<HarnessTaskException> Faults => _faults;

    /// <summary>Adds all files of a folder whose names end with <c>.yaml</c>, also in folders below it.</summary>
    public void AddFolder(string folder, TaskFileReader reader)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 16, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden };
        foreach (string path in Directory.EnumerateFiles(folder, "*.yaml", options).Order(StringComparer.Ordinal))
        {
            try
            {
                Add(path, reader);
            }
            catch (HarnessTaskException exception)
            {
                _faults.Add(exception);
            }
        }
    }

    /// <summary>Adds a file.</summary>
    /// <exception cref="HarnessTaskException">The file cannot be read, or defines neither a task nor a group.</exception>
    public void Add(string path, TaskFileReader reader)
    {
        if (!_paths.Add(path))
            return;
        YamlValue file = reader.Read(path);
        bool isGroup = file.Find("class") is null && file.Find("group") is not null;
        string key = isGroup ? "group" : "task";
        YamlValue name = file.Find(key) ?? throw file.Fault(null, "it names neither a 'task' nor a 'group'");
        if (name.Kind is not (YamlKind.Text or YamlKind.Integer))
            throw name.Fault(key, "it is not a name");
        // Of several definitions, the first one counts; tasks and groups share their names.
        if (_tasks.ContainsKey(name.Text) || _groups.ContainsKey(name.Text))
            throw name.Fault(key, $"there is another task or group named '{name.Text}', which is used");
        (isGroup ? _groups : _tasks).Add(name.Text, file);
        if (isGroup || file.Find("tag") is not { } tags)
            return;
        foreach (string tag in TagsOf(tags))
        {
            if (!_tags.TryGetValue(tag, out SortedSet<string>? members))
                _tags[tag] = members = new SortedSet<string>(StringComparer.Ordinal);
            members.Add(name.Text);
        }
    }

    /// <summary>The names in a text or a list of texts.</summary>
    public static IReadOnlyList<string> TagsOf(YamlValue? tags) => tags is null ? [] : tags.Kind == YamlKind.List ? [.. tags.Items.Select(tag => tag.Text)] : [tags.Text];
}
