using System.Text;
using System.Text.Json;
using Llama2.Formats;

namespace Llama2.Tokenization;

/// <summary>
/// The content of a <c>tokenizer.json</c>. Its vocabulary and its merges, which are nearly all of the file, are read token by token and never
/// become a document, which would take many times their bytes. Immutable and thread-safe.
/// </summary>
internal sealed class TokenizerJson
{
    private readonly byte[] _bytes;
    private readonly (int Start, int Length) _vocabulary, _merges;

    private TokenizerJson(byte[] bytes, string path)
    {
        _bytes = bytes;
        (_vocabulary, _merges) = FindLongMembers(bytes);
        Root = JsonFields.Parse(WithoutLongMembers(), path);
    }

    /// <summary>The file's object, in which <c>model.vocab</c> is an empty object and <c>model.merges</c> an empty array, if they are an object and an array.</summary>
    public JsonFields Root { get; }

    /// <summary>The file that errors name.</summary>
    public string Path => Root.Path;

    /// <summary>Reads a file, or gives null where there is none.</summary>
    /// <exception cref="ModelFormatException">The file is too large, or is not such JSON.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static TokenizerJson? Find(string path)
    {
        if (!File.Exists(path))
            return null;

        using var source = new FileByteSource(path);
        if (source.Length > TokenizerFile.MaximumByteSize)
            throw new ModelFormatException(path, -1, "file size", FormattableString.Invariant($"{source.Length:N0} bytes"), FormattableString.Invariant($"at most {TokenizerFile.MaximumByteSize:N0} are read"));
        byte[] bytes = new byte[source.Length];
        source.Read(0, bytes);
        return Parse(bytes, path);
    }

    /// <summary>Parses the bytes of a file.</summary>
    /// <param name="bytes">The bytes, which are kept.</param>
    /// <param name="path">The file that errors name.</param>
    /// <exception cref="ModelFormatException">They are not such JSON.</exception>
    public static TokenizerJson Parse(byte[] bytes, string path)
    {
        try
        {
            return new TokenizerJson(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes, path);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Malformed(path, exception);
        }
    }

    /// <summary>Composes the exception for a fault that a reader of <see cref="Vocabulary"/> or <see cref="Merges"/> has found.</summary>
    public static ModelFormatException Malformed(string path, Exception exception) =>
        new(path, -1, "JSON", "malformed", $"the file is damaged ({exception.Message})", exception);

    /// <summary>The tokens of the object <c>model.vocab</c>.</summary>
    public Utf8JsonReader Vocabulary() => ReaderOf(_vocabulary);

    /// <summary>The tokens of the array <c>model.merges</c>.</summary>
    public Utf8JsonReader Merges() => ReaderOf(_merges);

    private Utf8JsonReader ReaderOf((int Start, int Length) member) => new(_bytes.AsSpan(member.Start, member.Length));

    private static ((int Start, int Length) Vocabulary, (int Start, int Length) Merges) FindLongMembers(byte[] bytes)
    {
        (int, int) vocabulary = default, merges = default;
        bool isInModel = false;
        var json = new Utf8JsonReader(bytes);
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
                continue;
            if (json.CurrentDepth == 1)
                isInModel = json.ValueTextEquals("model"u8);
            if (json.CurrentDepth != 2 || !isInModel)
                continue;

            bool isVocabulary = json.ValueTextEquals("vocab"u8), isMerges = json.ValueTextEquals("merges"u8);
            json.Read();
            int start = (int)json.TokenStartIndex;
            if ((isVocabulary && json.TokenType == JsonTokenType.StartObject) || (isMerges && json.TokenType == JsonTokenType.StartArray))
            {
                json.Skip();
                (isVocabulary ? ref vocabulary : ref merges) = (start, (int)json.BytesConsumed - start);
            }
        }

        return (vocabulary, merges);
    }

    private byte[] WithoutLongMembers()
    {
        // The brackets stay.
        (int Start, int Length)[] left = [.. new[] { _vocabulary, _merges }.Where(member => member.Length > 2).OrderBy(member => member.Start).Select(member => (member.Start + 1, member.Length - 2))];
        byte[] rest = new byte[_bytes.Length - left.Sum(part => part.Length)];
        int position = 0, written = 0;
        foreach ((int start, int length) in left.Append((_bytes.Length, 0)))
        {
            _bytes.AsSpan(position..start).CopyTo(rest.AsSpan(written));
            written += start - position;
            position = start + length;
        }

        return rest;
    }
}
