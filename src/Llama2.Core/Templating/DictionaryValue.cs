namespace Llama2.Templating;

/// <summary>A dict, in the order of insertion.</summary>
internal sealed class DictionaryValue : TemplateValue
{
    /// <summary>Steps that an entry of a new dict is charged, and the dict itself: it is hashed, and takes about 100 bytes.</summary>
    public const int EntryStepCount = 8;

    private readonly OrderedDictionary<TemplateValue, KeyValuePair<TemplateValue, TemplateValue>> _entries = new(KeyComparer.Instance);

    /// <param name="entries">
    /// Keys, of which <see cref="DictionaryKey"/> allows each, and values. Of equal keys the first key stays, with the last value; if one of
    /// them is data, it is the one that stays.
    /// </param>
    public DictionaryValue(IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> entries)
    {
        foreach ((TemplateValue key, TemplateValue value) in entries)
        {
            bool staysFirst = _entries.TryGetValue(key, out var known) && key is not TextValue { HasData: true };
            _entries[key] = KeyValuePair.Create(staysFirst ? known.Key : key, value);
            Depth = Math.Max(Depth, Math.Max(key.Depth, value.Depth));
        }

        Depth++;
    }

    public IReadOnlyList<KeyValuePair<TemplateValue, TemplateValue>> Entries => _entries.Values;

    public int Count => _entries.Count;

    public override string TypeName => "dict";

    public override bool IsTrue => _entries.Count > 0;

    public override int Depth { get; }

    /// <summary>The value of a key; null if there is none, or if the key is a value that has no hash.</summary>
    public TemplateValue? Find(RenderContext context, TemplateValue key) =>
        DictionaryKey.TryCharge(context, key) && _entries.TryGetValue(key, out var entry) ? entry.Value : null;
}
