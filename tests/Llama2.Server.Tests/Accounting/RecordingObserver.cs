using System.Threading.Channels;
using Llama2.Server.Accounting;

namespace Llama2.Server.Tests.Accounting;

/// <summary>Stores the records of requests that have ended.</summary>
internal sealed class RecordingObserver : IRequestObserver
{
    private readonly Channel<RequestRecord> _records = Channel.CreateUnbounded<RequestRecord>();

    /// <summary>Whether a request has ended that was not taken.</summary>
    public bool HasMore => _records.Reader.TryPeek(out _);

    public void OnEnded(RequestRecord record) => _records.Writer.TryWrite(record);

    /// <summary>Takes the next record. A client can have the whole answer before the request ends on the server.</summary>
    public Task<RequestRecord> TakeAsync() => _records.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
}
