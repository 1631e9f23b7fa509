using System.Text.Json;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>A saved chat session: a document in JSON.</summary>
internal sealed record ChatSessionDocument
{
    private const string KindOfAll = "llama2-chat-session";
    private const int LatestVersion = 1;
    // A session has at most PromptFormat.MaxTextLength characters, each of at most six bytes in JSON. The rest is more than enough for the other members.
    private const int MaxByteSize = 64 << 20;
    private const int MinBufferByteSize = 1 << 16;

    public required string Kind { get; init; }

    public required int Version { get; init; }

    public required string ModelFingerprint { get; init; }

    public required string PromptFormat { get; init; }

    public required SpecialTokenPolicy SpecialTokens { get; init; }

    public required TurnOrderPolicy TurnOrder { get; init; }

    public required ContextOverflow Overflow { get; init; }

    public required GenerationOptions Generation { get; init; }

    /// <summary>Describes the adapters of <see cref="Generation"/>; the adapters themselves cannot be saved.</summary>
    public required IReadOnlyList<ChatSessionAdapter> Adapters { get; init; }

    public required IReadOnlyList<LlamaMessage> Messages { get; init; }

    /// <summary>Writes a session.</summary>
    public static Task WriteAsync(Stream stream, string fingerprint, ChatSessionOptions options, IReadOnlyList<LlamaMessage> messages, CancellationToken cancellationToken)
    {
        var document = new ChatSessionDocument
        {
            Kind = KindOfAll,
            Version = LatestVersion,
            ModelFingerprint = fingerprint,
            PromptFormat = options.PromptFormat!.Name,
            SpecialTokens = options.SpecialTokens,
            TurnOrder = options.TurnOrder,
            Overflow = options.Overflow,
            Generation = options.Generation,
            Adapters = ChatSessionAdapter.Describe(options.Generation.Adapters),
            Messages = messages,
        };
        return JsonSerializer.SerializeAsync(stream, document, ChatSessionJson.Default.ChatSessionDocument, cancellationToken);
    }

    /// <summary>Reads a session.</summary>
    /// <param name="stream">A stream that contains the document and nothing after it.</param>
    /// <param name="model">The model with which the session must have been saved.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ChatSessionException">The document is damaged, too large, of a later version or of another model.</exception>
    public static async Task<ChatSessionDocument> ReadAsync(Stream stream, ILlamaModel model, CancellationToken cancellationToken)
    {
        (byte[] buffer, int length) = await ReadBytesAsync(stream, cancellationToken).ConfigureAwait(false);
        ChatSessionDocument document = Parse(buffer, length);
        if (document.Kind != KindOfAll)
        {
            throw new ChatSessionException($"The document is of kind '{Shorten(document.Kind)}', not '{KindOfAll}': it is not a saved chat session.");
        }

        if (document.Version is < 1 or > LatestVersion)
        {
            throw new ChatSessionException(Invariant(
                $"The saved session has version {document.Version:N0}; this library reads versions 1 to {LatestVersion}. Use the library that wrote it, or a later one."));
        }

        if (document.Messages.Contains(null!) || document.Adapters.Contains(null!))
        {
            throw new ChatSessionException("The saved session is damaged: a message or an adapter is null. Restore an earlier copy, or begin a new session.");
        }

        // The serializer accepts any number in place of the name of an enum's member.
        if (!Enum.IsDefined(document.SpecialTokens) || !Enum.IsDefined(document.TurnOrder) || !Enum.IsDefined(document.Overflow))
        {
            throw new ChatSessionException(
                $"The saved session is damaged: its policies are {document.SpecialTokens}, {document.TurnOrder} and {document.Overflow}, and some of these are unknown. Restore an earlier copy, or begin a new session.");
        }

        return model.HasFingerprint(document.ModelFingerprint)
            ? document
            : throw new ChatSessionException(
                $"The session was saved with another model (fingerprint {Shorten(document.ModelFingerprint)}, this model's is {model.Fingerprint}): load that model, or begin a session and set its history.");
    }

    /// <summary>Checks that a session is continued with the adapters with which it was saved.</summary>
    /// <exception cref="ChatSessionException">The adapters differ.</exception>
    public void CheckAdapters(IReadOnlyList<LlamaAdapterUse> adapters)
    {
        if (!Adapters.SequenceEqual(ChatSessionAdapter.Describe(adapters)))
        {
            IEnumerable<string> saved = Adapters.Take(LlamaAdapterUse.MaxCount).Select(adapter => Invariant($"{Shorten(adapter.Fingerprint)} with scale {adapter.Scale}"));
            throw new ChatSessionException(Invariant(
                $"The session was saved with {Adapters.Count:N0} adapters ({string.Join(", ", saved)}), and {adapters.Count:N0} are given: load the adapters with which it was saved and give them with their scales, or begin a session and set its history."));
        }
    }

    // If the stream supports seeking, the buffer initially has the length of the rest of the stream. The buffer grows if more bytes arrive, because a
    // stream's length is not reliable. It has room for the members that are added to the document.
    private static async Task<(byte[] Buffer, int Length)> ReadBytesAsync(Stream stream, CancellationToken cancellationToken)
    {
        long expected = stream.CanSeek ? stream.Length - stream.Position : 0;
        // The buffer has one byte more than expected, so that the end of the stream is found without enlarging the buffer.
        int capacity = (int)Math.Clamp(expected, MinBufferByteSize, MaxByteSize) + 1;
        byte[] bytes = new byte[capacity + ChatSessionDefaults.MaxAddedByteSize];
        int length = 0;
        for (int count; (count = await stream.ReadAsync(bytes.AsMemory(length, capacity - length), cancellationToken).ConfigureAwait(false)) > 0;)
        {
            length += count;
            if (length > MaxByteSize)
            {
                throw new ChatSessionException(Invariant($"The saved session has more than {MaxByteSize:N0} bytes, which is the maximum: it is not a saved chat session, or its history is too long; save a shorter one."));
            }

            if (length == capacity)
            {
                capacity = Math.Min(2 * capacity, MaxByteSize + 1);
                Array.Resize(ref bytes, capacity + ChatSessionDefaults.MaxAddedByteSize);
            }
        }

        return (bytes, length);
    }

    private static ChatSessionDocument Parse(byte[] buffer, int length)
    {
        try
        {
            length = ChatSessionDefaults.AddTo(buffer, length);
            return JsonSerializer.Deserialize(buffer.AsSpan(0, length), ChatSessionJson.Default.ChatSessionDocument) ?? throw new JsonException("The document is null.");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new ChatSessionException($"The saved session is damaged: {JsonFault.Describe(exception, buffer.AsSpan(0, length), ChatSessionDefaults.MaxDepth)}. Restore an earlier copy, or begin a new session.", exception);
        }
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
