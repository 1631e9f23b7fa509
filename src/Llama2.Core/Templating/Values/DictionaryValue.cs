using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>A dict, in the order of insertion.</summary>
internal sealed class DictionaryValue : TemplateValue
{
    /// <summary>The steps charged for an entry of a new dict, and for the dict itself: an entry is hashed, and takes about 100 bytes.</summary>
    public const int EntryStepCount = 8;

    private readonly OrderedDictionary<TemplateValue, KeyValuePair<TemplateValue, TemplateValue>> _entries = new(KeyComparer.Instance);

    /// <param name="entries">
    /// Keys that <see cref="DictionaryKey"/> allows, and values. Of equal keys, the first is kept, with the last value; if one of them is data, that
    /// one is kept.
    /// </param>
    public DictionaryValue(IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> entries)
    {
        foreach ((TemplateValue key, TemplateValue value) in entries)
        {
            // A key is hashed only once, because only one hashing was charged.
            if (!_entries.TryAdd(key, KeyValuePair.Create(key, value), out int index))
                _entries.SetAt(index, KeyValuePair.Create(key is TextValue { HasData: true } ? key : _entries.GetAt(index).Value.Key, value));
            Depth = Math.Max(Depth, Math.Max(key.Depth, value.Depth));
        }

        Depth++;
    }

    /// <summary>Creates a dict of named arguments, each charged before it is hashed.</summary>
    public static DictionaryValue OfKeywords(RenderContext context, IReadOnlyCollection<KeyValuePair<TextValue, TemplateValue>> keywords)
    {
        context.Step((long)EntryStepCount * keywords.Count);
        return new(keywords.Select(keyword => KeyValuePair.Create(DictionaryKey.Require(context, keyword.Key), keyword.Value)));
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
