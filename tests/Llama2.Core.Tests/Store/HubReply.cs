using System.Text;

namespace Llama2.Tests.Store;

/// <summary>A hub's reply, and the way in which the connection ends.</summary>
internal sealed record HubReply(int Status, byte[] Body)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The value of the Content-Length header; null for the true length, -1 for no header.</summary>
    public long? DeclaredLength { get; init; }

    /// <summary>The number of bytes of the body after which the connection is closed.</summary>
    public int? CutAt { get; init; }

    /// <summary>The number of bytes of the body after which nothing more is sent, although the connection stays open.</summary>
    public int? StallAt { get; init; }

    /// <summary>The number of bytes of the body that are sent at once; each such chunk is followed by a wait of <see cref="Pause"/>.</summary>
    public int ChunkLength { get; init; } = int.MaxValue;

    /// <summary>The wait after each chunk.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>Returns the reply with one more header.</summary>
    public HubReply With(string name, string value) => this with { Headers = new Dictionary<string, string>(Headers) { [name] = value } };

    /// <summary>Returns the reply with a text in its body replaced by another.</summary>
    public HubReply Replace(string text, string other) => this with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Body).Replace(text, other, StringComparison.Ordinal)) };
}
