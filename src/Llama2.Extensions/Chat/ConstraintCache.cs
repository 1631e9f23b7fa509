namespace Llama2.Extensions.Chat;

/// <summary>
/// Keeps the constraints of requests. The key of each constraint is the text that it was made from, so a schema that is repeated in every request is
/// compiled only once. When a limit is exceeded, the least recently used constraints are dropped. Thread-safe.
/// </summary>
/// <param name="maxCount">The maximum number of constraints.</param>
/// <param name="maxLength">The maximum number of characters of all kept texts together.</param>
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

    /// <summary>Returns the constraint of a text. If the cache does not have the constraint, it is made.</summary>
    /// <param name="kind">The kind of text, such as a schema or a grammar.</param>
    /// <param name="text">The text, which together with the kind determines the constraint.</param>
    /// <param name="create">
    /// Makes the constraint. It is called while the lock is not held, so that requests with other texts do not wait. Requests with the same text wait
    /// for the same call.
    /// </param>
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
            // A text that caused an exception is not kept: the text may be long, and no caller repeats it on purpose.
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
