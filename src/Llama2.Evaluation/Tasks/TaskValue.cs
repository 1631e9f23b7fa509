namespace Llama2.Evaluation.Tasks;

/// <summary>What a task's definition makes of a document: a text, the index of a choice, or several of them (several right answers).</summary>
internal readonly record struct TaskValue
{
    private TaskValue(string? text, int? index, IReadOnlyList<TaskValue>? list) => (Text, Index, List) = (text, index, list);

    /// <summary>The text; null if this is an index or a list.</summary>
    public string? Text { get; }

    /// <summary>The index of a choice; null if this is a text or a list.</summary>
    public int? Index { get; }

    /// <summary>The values of a list; null if this is one value.</summary>
    public IReadOnlyList<TaskValue>? List { get; }

    public static implicit operator TaskValue(string text) => new(text, null, null);

    public static implicit operator TaskValue(int index) => new(null, index, null);

    public static TaskValue Of(IReadOnlyList<TaskValue> list) => new(null, null, list);

    public static TaskValue Of(IEnumerable<string> list) => new(null, null, [.. list.Select(text => (TaskValue)text)]);

    /// <summary>All values: the items of the list, or this value alone.</summary>
    public IReadOnlyList<TaskValue> Values => List ?? [this];

    /// <summary>The value as a text; an index is the text of that choice.</summary>
    /// <param name="choices">The choices; null if the task has none.</param>
    public string ToText(IReadOnlyList<string>? choices)
        => Text ?? (Index is not { } index ? List is [var first, ..] ? first.ToText(choices) : ""
            : choices is null ? index.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : index >= 0 && index < choices.Count ? choices[index] : "");
}
