using System.Buffers;
using System.Text;
using System.Text.Json;
using static System.FormattableString;

namespace Llama2;

/// <summary>
/// Adds to a saved chat session what an earlier version did not have: the serializer would make it 0 and null, or refuse the document. It reads the
/// document's tokens and makes no objects of them, so that it takes no memory beyond the text, whatever that holds.
/// </summary>
internal static class ChatSessionDefaults
{
    /// <summary>How deep a session's document nests at most.</summary>
    public const int MaxDepth = 8;

    // Stop tokens and biases for a whole vocabulary have some hundred kilobytes.
    private const int MaxGenerationByteSize = 1 << 20;
    private static readonly (string Name, string Value)[] s_members = [("adapters", "[]"), ("turnOrder", $"\"{nameof(TurnOrderPolicy.Strict)}\"")];
    private static readonly JsonProperty[] s_options =
        [.. JsonSerializer.SerializeToDocument(new GenerationOptions(), ChatSessionJson.Default.GenerationOptions).RootElement.EnumerateObject()];

    /// <summary>Gives the document with what it lacks; itself if that is nothing.</summary>
    /// <param name="json">The document in UTF-8.</param>
    /// <exception cref="JsonException">It is malformed, or has what no session has.</exception>
    /// <exception cref="InvalidOperationException">A text in it is no Unicode.</exception>
    public static ReadOnlyMemory<byte> AddTo(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The document is no object.");
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

        // What comes after the document's end is refused here too.
        reader.Read();
        byte[] members = Encoding.UTF8.GetBytes(string.Concat(s_members.Where((_, i) => !isThere[i]).Select(member => $"\"{member.Name}\":{member.Value},")));
        return members.Length == 0 && options.Length == 0 ? json
            : generationStart < 0 ? (byte[])[.. json.Span[..start], .. members, .. json.Span[start..]]
            : (byte[])[.. json.Span[..start], .. members, .. json.Span[start..generationStart], .. options, .. json.Span[generationStart..]];
    }

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

        var added = new ArrayBufferWriter<byte>();
        for (int i = 0; i < isThere.Length; i++)
        {
            if (!isThere[i])
                added.Write(Encoding.UTF8.GetBytes($"{(added.WrittenCount == 0 ? "" : ",")}{s_options[i]}"));
        }

        if (added.WrittenCount > 0 && !isEmpty)
            added.Write(","u8);
        return added.WrittenSpan.ToArray();
    }

    // Lists of null would take more memory than their text has, before anything looked at them.
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
