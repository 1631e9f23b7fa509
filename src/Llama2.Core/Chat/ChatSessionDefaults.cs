using System.Text;
using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Adds members to a saved chat session that an earlier version did not write: the serializer would set them to 0 or null, or refuse the document. It reads the
/// document's tokens without creating objects, so it needs no memory beyond the text, whatever that contains.
/// </summary>
internal static class ChatSessionDefaults
{
    /// <summary>How deep a session's document nests at most.</summary>
    public const int MaxDepth = 8;

    // Stop tokens and biases for a whole vocabulary take some hundred kilobytes.
    private const int MaxGenerationByteSize = 1 << 20;
    private static readonly (string Name, byte[] Text)[] s_members = [Member("adapters", "[]"), Member("turnOrder", $"\"{nameof(TurnOrderPolicy.Strict)}\"")];
    private static readonly (string Name, byte[] Text)[] s_options =
        [.. JsonSerializer.SerializeToDocument(new GenerationOptions(), ChatSessionJson.Default.GenerationOptions).RootElement.EnumerateObject().Select(option => Member(option.Name, option.Value.GetRawText()))];

    /// <summary>The most bytes that a document grows by.</summary>
    public static int MaxAddedByteSize { get; } = s_members.Concat(s_options).Sum(member => member.Text.Length);

    /// <summary>Adds to a document what it lacks. It is done in place: a copy would double the memory that a long session takes.</summary>
    /// <param name="buffer">The document in UTF-8, followed by at least <see cref="MaxAddedByteSize"/> bytes to grow into.</param>
    /// <param name="length">Bytes of the document.</param>
    /// <returns>Bytes of the document with what was added.</returns>
    /// <exception cref="JsonException">It is malformed, or has what no session has.</exception>
    /// <exception cref="InvalidOperationException">A text in it is no Unicode.</exception>
    public static int AddTo(Span<byte> buffer, int length)
    {
        var reader = new Utf8JsonReader(buffer[..length], new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The document is not an object.");
        int start = (int)reader.BytesConsumed, generationStart = -1;
        bool[] isThere = new bool[s_members.Length];
        byte[] options = [];
        while (reader.Read() && reader.CurrentDepth > 0)
        {
            for (int i = 0; i < isThere.Length; i++)
                isThere[i] |= reader.ValueTextEquals(s_members[i].Name);
            bool isGeneration = reader.ValueTextEquals("generation"u8), isList = reader.ValueTextEquals("adapters"u8) || reader.ValueTextEquals("messages"u8);
            reader.Read();
            if (isGeneration && generationStart < 0 && reader.TokenType == JsonTokenType.StartObject)
            {
                generationStart = (int)reader.BytesConsumed;
                options = MissingOptions(ref reader);
            }
            else if (isList && reader.TokenType == JsonTokenType.StartArray)
            {
                RequireElements(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        // Content after the end of the document is refused here, too.
        reader.Read();
        // The later place first, so that the earlier one stays where it is.
        if (generationStart >= 0)
            length = Insert(buffer, length, generationStart, options);
        return Insert(buffer, length, start, Join(s_members, isThere));
    }

    private static int Insert(Span<byte> buffer, int length, int place, byte[] added)
    {
        buffer[place..length].CopyTo(buffer[(place + added.Length)..]);
        added.CopyTo(buffer[place..]);
        return length + added.Length;
    }

    // With the comma that others follow.
    private static (string Name, byte[] Text) Member(string name, string value) => (name, Encoding.UTF8.GetBytes($"\"{name}\":{value},"));

    private static byte[] Join((string Name, byte[] Text)[] members, bool[] isThere) => [.. members.Where((_, i) => !isThere[i]).SelectMany(member => member.Text)];

    // From the start of the options to their end: those that are missing, as members, with a comma where others follow.
    private static byte[] MissingOptions(ref Utf8JsonReader reader)
    {
        long start = reader.BytesConsumed;
        int depth = reader.CurrentDepth;
        bool[] isThere = new bool[s_options.Length];
        bool isEmpty = true;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.BytesConsumed - start > MaxGenerationByteSize)
                throw new JsonException(Invariant($"'generation' has more than {MaxGenerationByteSize:N0} bytes."));
            isEmpty = false;
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != depth + 1)
                continue;
            for (int i = 0; i < isThere.Length; i++)
                isThere[i] |= reader.ValueTextEquals(s_options[i].Name);
        }

        byte[] added = Join(s_options, isThere);
        return isEmpty ? added[..^1] : added;
    }

    // Lists of null would take more memory than their text, before anything checks them.
    private static void RequireElements(ref Utf8JsonReader reader)
    {
        int depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.Null && reader.CurrentDepth == depth + 1)
                throw new JsonException("A message or an adapter is null.");
        }
    }
}
