using System.Text;
using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>
/// Adds to a saved chat session the members that an earlier version did not write; otherwise the serializer would set them to 0 or null, or refuse
/// the document. The document is read token by token without creating objects, so this takes no additional memory, whatever the document contains.
/// </summary>
internal static class ChatSessionDefaults
{
    /// <summary>The maximum nesting depth of a session's document.</summary>
    public const int MaxDepth = 8;

    // Stop tokens and biases for a whole vocabulary take a few hundred kilobytes.
    private const int MaxGenerationByteSize = 1 << 20;
    private static readonly (string Name, byte[] Text)[] s_members = [Member("adapters", "[]"), Member("turnOrder", $"\"{nameof(TurnOrderPolicy.Strict)}\"")];
    private static readonly (string Name, byte[] Text)[] s_options =
        [.. JsonSerializer.SerializeToDocument(new GenerationOptions(), ChatSessionJson.Default.GenerationOptions).RootElement.EnumerateObject().Select(option => Member(option.Name, option.Value.GetRawText()))];

    /// <summary>The maximum number of bytes that are added to a document.</summary>
    public static int MaxAddedByteSize { get; } = s_members.Concat(s_options).Sum(member => member.Text.Length);

    /// <summary>Adds the missing members to a document. This is done in place, because a copy would double the memory of a long session.</summary>
    /// <param name="buffer">The document in UTF-8, followed by at least <see cref="MaxAddedByteSize"/> bytes of room for the added members.</param>
    /// <param name="length">The length of the document in bytes.</param>
    /// <returns>The length of the document with the added members.</returns>
    /// <exception cref="JsonException">The document is malformed, or contains something that no session contains.</exception>
    /// <exception cref="InvalidOperationException">A text in the document is not valid Unicode.</exception>
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

        // This call also refuses content after the end of the document.
        reader.Read();
        // The members are first inserted at the later position, so that the earlier position remains valid.
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

    // The text includes the comma that separates the member from the next.
    private static (string Name, byte[] Text) Member(string name, string value) => (name, Encoding.UTF8.GetBytes($"\"{name}\":{value},"));

    private static byte[] Join((string Name, byte[] Text)[] members, bool[] isThere) => [.. members.Where((_, i) => !isThere[i]).SelectMany(member => member.Text)];

    // Reads from the start of the options to their end, and returns the missing options as members, with a comma after the last one if other members follow.
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

    // Refuses null elements: a list of nulls would take more memory than its text, and would be checked only after it was created.
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
