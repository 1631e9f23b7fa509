namespace Llama2.Extensions.Chat;

/// <summary>
/// Keeps the constraints of requests by the texts that they were made from, so that a schema that each request repeats is compiled once. Beyond its limits,
/// it drops the least recently used. Thread-safe.
/// </summary>
/// <param name="maxCount">The maximum number of constraints.</param>
/// <param name="maxLength">The maximum number of characters of their texts together.</param>
internal sealed class ConstraintCache(int maxCount = 64, int maxLength = OutputConstraint.MaxLength)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Kind, string Text), LinkedListNode<Entry>> _byText = [];
    private readonly LinkedList<Entry> _byUse = [];
    private int _length;

    /// <summary>The number of constraints that are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _byUse.Count;
        }
    }

    /// <summary>Any JSON.</summary>
    public OutputConstraint Json() => Get("JSON", "", _ => OutputConstraint.Json());

    /// <summary>JSON that fits a schema.</summary>
    /// <exception cref="OutputConstraintException">See <see cref="OutputConstraint.JsonSchema(string, JsonWhiteSpace)"/>.</exception>
    public OutputConstraint JsonSchema(string schema) => Get("schema", schema, text => OutputConstraint.JsonSchema(text));

    /// <summary>Text that matches a grammar in GBNF.</summary>
    /// <exception cref="OutputConstraintException">See <see cref="OutputConstraint.Grammar(string)"/>.</exception>
    public OutputConstraint Grammar(string gbnf) => Get("grammar", gbnf, OutputConstraint.Grammar);

    /// <summary>The constraint of a text; made if it is not kept.</summary>
    /// <param name="kind">What is made of the text.</param>
    /// <param name="text">Determines the constraint, together with the kind.</param>
    /// <param name="create">Makes it. Called outside the gate, so that other requests do not wait; requests with the same text wait for one call.</param>
    public OutputConstraint Get(string kind, string text, Func<string, OutputConstraint> create)
    {
        LinkedListNode<Entry>? node;
        lock (_gate)
        {
            if (!_byText.TryGetValue((kind, text), out node))
            {
                node = new(new Entry((kind, text), new(() => create(text))));
                _byText.Add(node.Value.Key, node);
                _length += text.Length;
            }
            else
            {
                _byUse.Remove(node);
            }

            _byUse.AddFirst(node);
            while (_byUse.Count > 1 && (_byUse.Count > maxCount || _length > maxLength))
                Remove(_byUse.Last!);
        }

        try
        {
            return node.Value.Constraint.Value;
        }
        catch (OutputConstraintException)
        {
            // A fault is not kept: its text may be long, and nobody asks for it twice on purpose.
            lock (_gate)
            {
                if (node.List is not null)
                    Remove(node);
            }

            throw;
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _byText.Remove(node.Value.Key);
        _length -= node.Value.Key.Text.Length;
    }

    private sealed record Entry((string Kind, string Text) Key, Lazy<OutputConstraint> Constraint);
}
