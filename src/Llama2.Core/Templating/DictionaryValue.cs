namespace Llama2.Templating;

/// <summary>A dict, in the order of insertion. Its keys are strings, and know whether they are data.</summary>
internal sealed class DictionaryValue : TemplateValue
{
    private readonly OrderedDictionary<string, KeyValuePair<TextValue, TemplateValue>> _entries = new(StringComparer.Ordinal);

    /// <param name="entries">Keys and values; of equal keys the last value counts, at the first one's place.</param>
    public DictionaryValue(IEnumerable<KeyValuePair<TextValue, TemplateValue>> entries)
    {
        foreach (KeyValuePair<TextValue, TemplateValue> entry in entries)
        {
            _entries[entry.Key.Text] = entry;
            Depth = Math.Max(Depth, entry.Value.Depth);
        }

        Depth++;
    }

    public IReadOnlyList<KeyValuePair<TextValue, TemplateValue>> Entries => _entries.Values;

    public int Count => _entries.Count;

    public override string TypeName => "dict";

    public override bool IsTrue => _entries.Count > 0;

    public override int Depth { get; }

    public TemplateValue? Find(string key) => _entries.TryGetValue(key, out KeyValuePair<TextValue, TemplateValue> entry) ? entry.Value : null;
}
