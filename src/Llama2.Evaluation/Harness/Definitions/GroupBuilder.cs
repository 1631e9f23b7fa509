using Llama2.Evaluation.Harness.Files;
using Llama2.Evaluation.Harness.Yaml;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>
/// Makes groups of task files, with the variants of tasks that they define (<c>lm_eval/tasks/_factory.py</c>). A variant has the name
/// <c>group::task</c>. Not thread-safe.
/// </summary>
/// <param name="index">All tasks, groups and tags.</param>
internal sealed class GroupBuilder(TaskFileIndex index)
{
    private const int MaxDepth = 16, MaxMemberCount = 50_000;
    private static readonly string[] s_groupKeys = ["group", "group_alias", "task", "aggregate_metric_list", "metadata", "tag", "include"];
    private readonly OrderedDictionary<string, EvaluationTaskGroup> _groups = [];
    private readonly OrderedDictionary<string, YamlValue> _variants = [];
    private readonly List<HarnessTaskException> _faults = [];
    private int _memberCount;

    /// <summary>The groups, by name; groups inside groups too.</summary>
    public IReadOnlyDictionary<string, EvaluationTaskGroup> Groups => _groups;

    /// <summary>The configurations of the tasks that only groups define.</summary>
    public IReadOnlyDictionary<string, YamlValue> Variants => _variants;

    /// <summary>Members that do not exist.</summary>
    public IReadOnlyList<HarnessTaskException> Faults => _faults;

    /// <summary>Checks what a group says about its own metrics.</summary>
    /// <exception cref="HarnessTaskException">It is malformed, or not supported.</exception>
    public void CheckAggregation(string name) => Aggregation(name, index.Groups[name]);

    /// <summary>Adds a group.</summary>
    /// <exception cref="HarnessTaskException">The group is malformed, or too large.</exception>
    public void Add(string name, YamlValue group) => Add(name, group, [], 0);

    private void Add(string name, YamlValue group, IReadOnlyList<KeyValuePair<string, YamlValue>> overrides, int depth)
    {
        if (depth > MaxDepth)
            throw group.Fault("group", $"groups are nested more than {MaxDepth} deep, or one contains itself");
        overrides = [.. new YamlValue(YamlKind.Map, "", group.File, 1).With(group.Without(s_groupKeys).Entries).With(overrides).Entries];
        YamlValue? members = group.Find("task");
        List<string> names = [];
        foreach (YamlValue member in members is null ? [] : members.Kind == YamlKind.List ? members.Items : [members])
        {
            if (++_memberCount > MaxMemberCount)
                throw member.Fault("task", $"the groups have more than {MaxMemberCount} members");
            AddMember(member, name, overrides, names, depth);
        }

        _groups[name] = Aggregation(name, group) with { TaskNames = names };
    }

    private void AddMember(YamlValue member, string group, IReadOnlyList<KeyValuePair<string, YamlValue>> overrides, List<string> names, int depth)
    {
        if (member.Kind != YamlKind.Map)
        {
            AddReference(member, member.Text, group, overrides, names, depth);
        }
        else if (member.Find("group") is { } inner)
        {
            YamlValue? known = index.Groups.GetValueOrDefault(inner.Text);
            string name = known is null || overrides.Count > 0 || member.Entries.Count > 1 ? $"{group}::{inner.Text}" : inner.Text;
            names.Add(name);
            Add(name, known is null ? member : known.With(member.Without("group").Entries), overrides, depth + 1);
        }
        else if (member.Find("task") is { Kind: YamlKind.Text } task)
        {
            AddReference(task, task.Text, group, [.. new YamlValue(YamlKind.Map, "", member.File, 1).With(overrides).With(member.Without("task").Entries).Entries], names, depth);
        }
        else
        {
            throw member.Fault("task", "a member of a group is neither a name, nor a map with 'task' or 'group'");
        }
    }

    private void AddReference(YamlValue place, string name, string group, IReadOnlyList<KeyValuePair<string, YamlValue>> overrides, List<string> names, int depth)
    {
        if (index.Groups.TryGetValue(name, out YamlValue? inner))
        {
            string innerName = overrides.Count > 0 ? $"{group}::{name}" : name;
            names.Add(innerName);
            Add(innerName, inner, overrides, depth + 1);
        }
        else if (index.Tags.TryGetValue(name, out SortedSet<string>? tagged))
        {
            foreach (string task in tagged)
                names.Add(AddTask(task, group, index.Tasks[task], overrides));
        }
        else if (index.Tasks.TryGetValue(name, out YamlValue? task))
        {
            names.Add(AddTask(name, group, task, overrides));
        }
        else if (overrides.Any(entry => entry.Key is "dataset_path" or "include"))
        {
            // A task that the group itself defines.
            names.Add($"{group}::{name}");
            _variants[$"{group}::{name}"] = new YamlValue(YamlKind.Map, "", place.File, 1).With(overrides);
        }
        else
        {
            names.Add(name);
            _faults.Add(place.Fault("task", $"the group '{group}' has the member '{name}', of which there is no task, group or tag in the folder that was loaded"));
        }
    }

    private string AddTask(string name, string group, YamlValue task, IReadOnlyList<KeyValuePair<string, YamlValue>> overrides)
    {
        if (overrides.Count == 0)
            return name;
        _variants[$"{group}::{name}"] = task.With(overrides);
        return $"{group}::{name}";
    }

    private static EvaluationTaskGroup Aggregation(string name, YamlValue group)
    {
        const string Key = "aggregate_metric_list";
        YamlValue? list = group.Find(Key);
        YamlValue[] items = list is null ? [] : list.Kind == YamlKind.List ? [.. list.Items] : [list];
        foreach (YamlValue item in items)
        {
            if (item.Find("metric") is null)
                throw item.Fault(Key, "an entry has no 'metric'");
            if (item.Find("aggregation") is { } aggregation && (aggregation.Kind, aggregation.Text) != (YamlKind.Text, "mean"))
                throw aggregation.Fault(Key, $"the aggregation '{aggregation.Text}' is not supported; groups have the mean");
        }

        bool[] weights = [.. items.Select(item => item.Find("weight_by_size") is not { } weight || TaskFile.BooleanOf(weight, Key)).Distinct()];
        string[][] filters = [.. items.Select(item => item.Find("filter_list") is { } names ? TaskFile.TextsOf(names, Key).ToArray() : []).DistinctBy(names => string.Join('\n', names))];
        if (weights.Length > 1 || filters.Length > 1)
            throw list!.Fault(Key, "its entries differ in 'weight_by_size' or 'filter_list', which is not supported; make a group for each");
        return new EvaluationTaskGroup(name, [])
        {
            Alias = group.Find("group_alias")?.Text,
            Version = group.Find("metadata")?.Find("version")?.Text ?? "1",
            Metrics = [.. items.Select(item => item.Find("metric")!.Text)],
            Filters = filters.Length == 0 ? [] : filters[0],
            IsWeightedBySize = weights.Length == 0 || weights[0],
        };
    }
}
