using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>A dict, in the order of insertion.</summary>
internal sealed class DictionaryValue : TemplateValue
{
    /// <summary>
    /// The number of steps that are charged for an entry of a new dict, and for the dict itself, because an entry is hashed and takes about 100
    /// bytes.
    /// </summary>
    public const int EntryStepCount = 8;

    private readonly OrderedDictionary<TemplateValue, KeyValuePair<TemplateValue, TemplateValue>> _entries = new(KeyComparer.Instance);

    /// <param name="entries">
    /// Keys that <see cref="DictionaryKey"/> allows, and values. If several keys are equal, the first key is kept, with the last value; but a key
    /// that is data replaces an equal key.
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

    /// <summary>Creates a dict of named arguments. Each argument is charged before its name is hashed.</summary>
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

    /// <summary>The value of a key; null if the dict does not have the key, or if the key is a value that has no hash.</summary>
    public TemplateValue? Find(RenderContext context, TemplateValue key) =>
        DictionaryKey.TryCharge(context, key) && _entries.TryGetValue(key, out var entry) ? entry.Value : null;
}
