namespace Llama2.Server.Responses;

/// <summary>Keeps responses in memory. When a limit is exceeded, the least recently used responses are dropped. Thread-safe.</summary>
/// <param name="maximumCount">The maximum number of responses; 0 to store none.</param>
/// <param name="maximumByteSize">The maximum number of bytes of all responses together.</param>
internal sealed class ResponseStore(int maximumCount, long maximumByteSize)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string? Scope, string Id), LinkedListNode<StoredResponse>> _responses = [];
    private readonly Dictionary<(string? Scope, string Id), ResponseItem> _items = [];
    private readonly LinkedList<StoredResponse> _byUse = [];
    private long _byteSize;

    /// <summary>Whether responses are stored at all.</summary>
    public bool IsEnabled => maximumCount > 0;

    /// <summary>Stores a response. A response that is larger than the limit is not stored.</summary>
    public void Add(StoredResponse response)
    {
        if (!IsEnabled || response.ByteSize > maximumByteSize)
            return;
        lock (_gate)
        {
            _responses.Add((response.Scope, response.Id), _byUse.AddFirst(response));
            // Only items whose ids the server chose are found by these ids: a client could choose the id of another client's item.
            foreach (ResponseItem item in response.Output)
                _items.Add((response.Scope, item.Id), item);
            _byteSize += response.ByteSize;
            while (_byUse.Count > maximumCount || _byteSize > maximumByteSize)
                Remove(_byUse.Last!);
        }
    }

    /// <summary>Finds a response, and counts this as its use; null if there is none in this scope.</summary>
    public StoredResponse? Find(string? scope, string id)
    {
        lock (_gate)
        {
            if (!_responses.TryGetValue((scope, id), out LinkedListNode<StoredResponse>? node))
                return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value;
        }
    }

    /// <summary>Finds an item that a stored response generated; null if there is none in this scope.</summary>
    public ResponseItem? FindItem(string? scope, string id)
    {
        lock (_gate)
            return _items.GetValueOrDefault((scope, id));
    }

    /// <summary>Drops a response; returns false if there is none in this scope.</summary>
    public bool Remove(string? scope, string id)
    {
        lock (_gate)
        {
            if (!_responses.TryGetValue((scope, id), out LinkedListNode<StoredResponse>? node))
                return false;
            Remove(node);
            return true;
        }
    }

    private void Remove(LinkedListNode<StoredResponse> node)
    {
        StoredResponse response = node.Value;
        _byUse.Remove(node);
        _responses.Remove((response.Scope, response.Id));
        foreach (ResponseItem item in response.Output)
            _items.Remove((response.Scope, item.Id));
        _byteSize -= response.ByteSize;
    }
}
