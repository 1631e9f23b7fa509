using static System.FormattableString;

namespace Llama2.Extensions.Chat;

/// <summary>
/// Keeps conversations under the ids that callers choose; an id is valid within a prefix scope. When a limit is exceeded, the least recently used
/// conversations are dropped. Thread-safe.
/// </summary>
internal sealed class ConversationStore(int maximumCount, int maximumLength)
{
    private const int MaxIdLength = 256;

    // The store keeps the ids of at most this number of dropped conversations. These ids and their scopes take at most 64 MiB; they take as much only if
    // all of them have the maximum length.
    private const int MaxDroppedCount = 1 << 16;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string? Scope, string Id), LinkedListNode<Conversation>> _byKey = [];
    private readonly LinkedList<Conversation> _byUse = [];
    private readonly HashSet<(string? Scope, string Id)> _dropped = [];
    private readonly Queue<(string? Scope, string Id)> _droppedInOrder = [];
    private long _length;

    /// <summary>Finds or begins a conversation, and reserves it for one request until <see cref="Close"/>.</summary>
    /// <exception cref="ArgumentException">The id is empty or too long.</exception>
    /// <exception cref="ConversationDroppedException">The conversation with this id was dropped.</exception>
    /// <exception cref="InvalidOperationException">Another request is using the conversation.</exception>
    /// <param name="id">The id that the caller chose.</param>
    /// <param name="scope">The prefix scope of the request. A conversation of another scope is not found, even if its id is the same.</param>
    public Conversation Open(string id, string? scope = null)
    {
        if (id.Length is 0 or > MaxIdLength)
        {
            throw new ArgumentException(Invariant($"A conversation's id must have 1 to {MaxIdLength} characters; this one has {id.Length:N0}."), nameof(id));
        }

        lock (_gate)
        {
            if (_dropped.Contains((scope, id)))
            {
                throw new ConversationDroppedException(id);
            }

            if (!_byKey.TryGetValue((scope, id), out LinkedListNode<Conversation>? node))
            {
                node = _byUse.AddFirst(new Conversation(id, scope));
                _byKey.Add(node.Value.Key, node);
            }
            else if (node.Value.IsAnswering)
            {
                throw new InvalidOperationException(
                    $"Conversation '{id}' is being answered by another request, and its messages must stay in order. Wait for that answer, or use another id.");
            }

            node.Value.IsAnswering = true;
            return node.Value;
        }
    }

    /// <summary>Ends a request.</summary>
    /// <param name="conversation">The conversation that <see cref="Open"/> returned.</param>
    /// <param name="messages">
    /// All messages including the new answer; null if there is no answer. Without an answer, the conversation stays unchanged.
    /// </param>
    public void Close(Conversation conversation, IReadOnlyList<LlamaMessage>? messages)
    {
        lock (_gate)
        {
            conversation.IsAnswering = false;
            if (messages is not null)
            {
                _length -= conversation.Length;
                conversation.Messages = messages;
                _length += conversation.Length;
                LinkedListNode<Conversation> node = _byKey[conversation.Key];
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            else if (conversation.Messages.Count == 0)
            {
                Remove(_byKey[conversation.Key]);
            }

            MakeRoom();
        }
    }

    private void MakeRoom()
    {
        LinkedListNode<Conversation>? node = _byUse.Last;
        while (node is not null && (_byUse.Count > maximumCount || _length > maximumLength))
        {
            LinkedListNode<Conversation>? next = node.Previous;
            if (!node.Value.IsAnswering)
            {
                Remove(node);
                RememberDropped(node.Value.Key);
            }

            node = next;
        }
    }

    private void Remove(LinkedListNode<Conversation> node)
    {
        _byUse.Remove(node);
        _byKey.Remove(node.Value.Key);
        _length -= node.Value.Length;
    }

    private void RememberDropped((string? Scope, string Id) key)
    {
        if (_droppedInOrder.Count == MaxDroppedCount)
        {
            _dropped.Remove(_droppedInOrder.Dequeue());
        }

        _dropped.Add(key);
        _droppedInOrder.Enqueue(key);
    }
}
