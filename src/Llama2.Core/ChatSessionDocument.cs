using System.Text.Json;
using System.Text.Json.Nodes;
using static System.FormattableString;

namespace Llama2;

/// <summary>A saved chat session: a document in JSON.</summary>
internal sealed record ChatSessionDocument
{
    private const string KindOfAll = "llama2-chat-session";
    private const int LatestVersion = 1;
    // PromptFormat.MaximumTextLength characters, six bytes each at most in JSON, and as much again as the rest ever needs.
    private const int MaxByteSize = 64 << 20;

    public required string Kind { get; init; }

    public required int Version { get; init; }

    public required string ModelFingerprint { get; init; }

    public required string PromptFormat { get; init; }

    public required SpecialTokenPolicy SpecialTokens { get; init; }

    public required TurnOrderPolicy TurnOrder { get; init; }

    public required ContextOverflow Overflow { get; init; }

    public required GenerationOptions Generation { get; init; }

    /// <summary>Those of <see cref="Generation"/>, which cannot be saved themselves.</summary>
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
    /// <param name="stream">Holds the document and nothing else.</param>
    /// <param name="fingerprint">The model's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ChatSessionException">The document is damaged, too large, of a later version or of another model.</exception>
    public static async Task<ChatSessionDocument> ReadAsync(Stream stream, string fingerprint, CancellationToken cancellationToken)
    {
        using MemoryStream bytes = await ReadBytesAsync(stream, cancellationToken).ConfigureAwait(false);
        ChatSessionDocument document = Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        if (document.Kind != KindOfAll)
        {
            throw new ChatSessionException($"The document is of kind '{Shorten(document.Kind)}', not '{KindOfAll}': it is no saved chat session.");
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

        // The serializer takes any number for the name of one.
        if (!Enum.IsDefined(document.SpecialTokens) || !Enum.IsDefined(document.TurnOrder) || !Enum.IsDefined(document.Overflow))
        {
            throw new ChatSessionException(
                $"The saved session is damaged: its policies are {document.SpecialTokens}, {document.TurnOrder} and {document.Overflow}, which there are not. Restore an earlier copy, or begin a new session.");
        }

        return document.ModelFingerprint == fingerprint
            ? document
            : throw new ChatSessionException(
                $"The session was saved with another model (fingerprint {Shorten(document.ModelFingerprint)}, this model's is {fingerprint}): load that model, or begin a session and set its history.");
    }

    /// <summary>Proves that a session goes on with the adapters that it was saved with.</summary>
    /// <exception cref="ChatSessionException">They are others.</exception>
    public void CheckAdapters(IReadOnlyList<LlamaAdapterUse> adapters)
    {
        if (!Adapters.SequenceEqual(ChatSessionAdapter.Describe(adapters)))
        {
            IEnumerable<string> saved = Adapters.Take(LlamaAdapterUse.MaxCount).Select(adapter => Invariant($"{Shorten(adapter.Fingerprint)} with scale {adapter.Scale}"));
            throw new ChatSessionException(Invariant(
                $"The session was saved with {Adapters.Count:N0} adapters ({string.Join(", ", saved)}), and {adapters.Count:N0} are given: load those and give them with their scales, or begin a session and set its history."));
        }
    }

    // Grown as bytes come: a length is no promise.
    private static async Task<MemoryStream> ReadBytesAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > MaxByteSize)
            {
                throw new ChatSessionException(Invariant($"The saved session has more than {MaxByteSize:N0} bytes, the most that is read: it is no saved chat session, or save a shorter history."));
            }
        }

        return bytes;
    }

    private static ChatSessionDocument Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            JsonObject document = JsonNode.Parse(bytes) as JsonObject ?? throw new JsonException("The document is no object.");
            AddDefaults(document);
            return document.Deserialize(ChatSessionJson.Default.ChatSessionDocument)!;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new ChatSessionException($"The saved session is damaged: {exception.Message} Restore an earlier copy, or begin a new session.", exception);
        }
    }

    // What an earlier version did not have: the serializer would make it 0 and null, or refuse the document.
    private static void AddDefaults(JsonObject document)
    {
        document.TryAdd("adapters", new JsonArray());
        document.TryAdd("turnOrder", nameof(TurnOrderPolicy.Strict));
        if (document["generation"] is JsonObject generation)
        {
            foreach ((string name, JsonNode? value) in JsonSerializer.SerializeToNode(new GenerationOptions(), ChatSessionJson.Default.GenerationOptions)!.AsObject())
            {
                if (!generation.ContainsKey(name))
                {
                    generation.Add(name, value?.DeepClone());
                }
            }
        }
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
