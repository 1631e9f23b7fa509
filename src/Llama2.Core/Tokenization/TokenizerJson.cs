using System.Text;
using System.Text.Json;
using Llama2.Formats;

namespace Llama2.Tokenization;

/// <summary>
/// The content of a <c>tokenizer.json</c>. Its vocabulary, merges and added tokens make up nearly all of the file. They are read one by one, because
/// a parsed document would take many times their size in memory. Immutable and thread-safe.
/// </summary>
internal sealed class TokenizerJson
{
    // The size of the shortest merge: "a b" and a comma.
    private const int MinMergeByteSize = 6;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly (int Start, int Length) _vocabulary, _merges, _addedTokens;

    private TokenizerJson(ReadOnlyMemory<byte> bytes, string path)
    {
        _bytes = bytes;
        (_vocabulary, _merges, _addedTokens) = FindLongMembers(bytes.Span, out int mergeCount, out int addedTokenCount);
        MergeCount = Math.Min(mergeCount, _merges.Length / MinMergeByteSize);
        AddedTokenCount = addedTokenCount;
        Root = JsonFields.Parse(WithoutLongMembers(), path);
    }

    /// <summary>
    /// The root object of the file without the content of three members: <c>model.vocab</c> is an empty object, and <c>model.merges</c> and
    /// <c>added_tokens</c> are empty arrays. A member that is not an object or array of this kind in the file is unchanged.
    /// </summary>
    public JsonFields Root { get; }

    /// <summary>The file, for error messages.</summary>
    public string Path => Root.Path;

    /// <summary>Reads a file; returns null if it does not exist.</summary>
    /// <exception cref="ModelFormatException">The file is too large, or is not JSON of this structure.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TokenizerJson? Find(string path)
    {
        if (!File.Exists(path))
            return null;

        using var source = new FileByteSource(path);
        if (source.Length > TokenizerFile.MaxByteSize)
            throw new ModelFormatException(path, null, "file size", FormattableString.Invariant($"{source.Length:N0} bytes"), FormattableString.Invariant($"at most {TokenizerFile.MaxByteSize:N0} are allowed"));
        byte[] bytes = new byte[source.Length];
        source.Read(0, bytes);
        return Parse(bytes, path);
    }

    /// <summary>Parses the bytes of a file.</summary>
    /// <param name="bytes">The bytes of the file; the array is kept.</param>
    /// <param name="path">The file, for error messages.</param>
    /// <exception cref="ModelFormatException">The bytes are not JSON of this structure.</exception>
    public static TokenizerJson Parse(byte[] bytes, string path)
    {
        try
        {
            return new TokenizerJson(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsMemory(Encoding.UTF8.Preamble.Length) : bytes, path);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Malformed(path, exception, bytes);
        }
    }

    /// <summary>
    /// Creates the exception for a fault that a reader of <see cref="Vocabulary"/>, <see cref="Merges"/> or <see cref="AddedTokens"/> has found.
    /// </summary>
    public static ModelFormatException Malformed(string path, Exception exception, ReadOnlySpan<byte> json = default) =>
        new(path, null, "JSON", "malformed", $"{JsonFault.Describe(exception, json)}: the file is damaged", exception);

    /// <summary>A reader of the JSON tokens of the object <c>model.vocab</c>.</summary>
    public Utf8JsonReader Vocabulary() => ReaderOf(_vocabulary);

    /// <summary>A reader of the JSON tokens of the array <c>model.merges</c>.</summary>
    public Utf8JsonReader Merges() => ReaderOf(_merges);

    /// <summary>An upper limit for the number of merges.</summary>
    public int MergeCount { get; }

    /// <summary>The number of tokens that the file declares in addition to the base vocabulary.</summary>
    public int AddedTokenCount { get; }

    /// <summary>A reader of the tokens that the file declares in addition to the base vocabulary.</summary>
    public AddedTokenReader AddedTokens()
    {
        if (_addedTokens.Length > 0)
            return new AddedTokenReader(Root, ReaderOf(_addedTokens));

        // The member is absent or null, or it is not an array. If it is not an array, FindArray throws an exception.
        Root.FindArray("added_tokens");
        return new AddedTokenReader(Root, default);
    }

    private Utf8JsonReader ReaderOf((int Start, int Length) member) => new(_bytes.Span.Slice(member.Start, member.Length));

    private static ((int Start, int Length) Vocabulary, (int Start, int Length) Merges, (int Start, int Length) AddedTokens) FindLongMembers(
        ReadOnlySpan<byte> bytes, out int mergeCount, out int addedTokenCount)
    {
        (int, int) vocabulary = default, merges = default, addedTokens = default;
        mergeCount = addedTokenCount = 0;
        bool isInModel = false;
        var json = new Utf8JsonReader(bytes);
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth > 2)
                continue;
            if (json.CurrentDepth == 1)
                isInModel = json.ValueTextEquals("model"u8);
            bool isAddedTokens = json.CurrentDepth == 1 && json.ValueTextEquals("added_tokens"u8);
            bool isVocabulary = json.CurrentDepth == 2 && isInModel && json.ValueTextEquals("vocab"u8);
            bool isMerges = json.CurrentDepth == 2 && isInModel && json.ValueTextEquals("merges"u8);
            if (!isAddedTokens && !isVocabulary && !isMerges)
                continue;

            json.Read();
            int start = (int)json.TokenStartIndex;
            bool isLong = json.TokenType == (isVocabulary ? JsonTokenType.StartObject : JsonTokenType.StartArray);
            int count = 0;
            for (; isLong && json.Read() && json.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject); count++)
                json.Skip();
            if (isAddedTokens)
                addedTokenCount = count;
            if (isMerges)
                mergeCount = count;
            (isVocabulary ? ref vocabulary : ref isMerges ? ref merges : ref addedTokens) = isLong ? (start, (int)json.BytesConsumed - start) : default;
        }

        return (vocabulary, merges, addedTokens);
    }

    private byte[] WithoutLongMembers()
    {
        // The content between the brackets is removed; the brackets stay.
        (int Start, int Length)[] left = [.. new[] { _vocabulary, _merges, _addedTokens }.Where(member => member.Length > 2).OrderBy(member => member.Start).Select(member => (member.Start + 1, member.Length - 2))];
        byte[] rest = new byte[_bytes.Length - left.Sum(part => part.Length)];
        int position = 0, written = 0;
        foreach ((int start, int length) in left.Append((_bytes.Length, 0)))
        {
            _bytes.Span[position..start].CopyTo(rest.AsSpan(written));
            written += start - position;
            position = start + length;
        }

        return rest;
    }
}
