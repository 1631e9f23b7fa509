using System.Collections.Concurrent;
using System.Text.Unicode;

namespace Llama2.Grammar.Matching;

/// <summary>
/// The tokens of the texts that a grammar forces. The same texts, such as the keys of a schema, are forced in every generation, so each is encoded
/// once. Thread-safe.
/// </summary>
internal sealed class ForcedTexts
{
    /// <summary>The maximum length of a text in bytes.</summary>
    public const int MaxLength = 1024;

    // A text and its tokens take at most 6 KB. If there are more texts, all of them are forgotten.
    private const int MaxCount = 1_000;

    private readonly ConcurrentDictionary<string, int[]> _tokens = [];
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public ForcedTexts() => _lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Encodes a text without the dummy prefix. Allocates memory only if the text is not known yet.</summary>
    /// <param name="utf8">The text, at most <see cref="MaxLength"/> bytes. An incomplete character at the end is left out, and so is everything after
    /// a malformed character.</param>
    /// <param name="tokenizer">The tokenizer of the grammar's vocabulary.</param>
    public ReadOnlySpan<int> Encode(ReadOnlySpan<byte> utf8, ModelTokenizer tokenizer)
    {
        Span<char> characters = stackalloc char[MaxLength];
        Utf8.ToUtf16(utf8, characters, out _, out int count, replaceInvalidSequences: false);
        ReadOnlySpan<char> text = characters[..count];
        return _lookup.TryGetValue(text, out int[]? known) ? known : Add(text, tokenizer);
    }

    private int[] Add(ReadOnlySpan<char> text, ModelTokenizer tokenizer)
    {
        var ids = new List<int>();
        tokenizer.Encode(text, ids, addDummyPrefix: false);
        if (_tokens.Count >= MaxCount)
            _tokens.Clear();
        return _lookup[text] = [.. ids];
    }
}
