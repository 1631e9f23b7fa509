namespace Llama2.Server.Responses;

/// <summary>Numbers the events of a response, and keeps those that are not sent yet.</summary>
internal sealed class ResponseEventQueue
{
    private readonly List<ResponseEvent> _events = [];
    private int _count;

    public void Add(ResponseEvent item)
    {
        item.SequenceNumber = _count++;
        _events.Add(item);
    }

    /// <summary>The events that are not sent yet.</summary>
    public List<ResponseEvent> Pending => _events;

    /// <summary>Forgets the events, which have been sent.</summary>
    public void Clear() => _events.Clear();
}
