using System.Runtime.CompilerServices;
using System.Text;
using Llama2.Tokenization;

namespace Llama2.Grammar.Matching;

/// <summary>
/// The bytes of a vocabulary's tokens, arranged for the computation of masks. Created once for each tokenizer, when the first constraint needs it.
/// This takes about 30 ms for 32,000 tokens. Immutable and thread-safe.
/// </summary>
internal sealed class TokenBytes
{
    private static readonly ConditionalWeakTable<ModelTokenizer, TokenBytes> s_cache = [];
    private static readonly int[] s_sliceLengths = [4, 7, 11, 16, int.MaxValue];

    private readonly byte[]?[] _bytes;

    /// <param name="bytes">The bytes of each token; null for tokens that have no text, such as control tokens.</param>
    /// <param name="endTokens">The tokens that end a generation.</param>
    /// <param name="spaceByte">
    /// The byte token of the space; -1 if there is none. The space of this token counts as part of the text even where the leading space of other
    /// tokens is dropped.
    /// </param>
    public TokenBytes(byte[]?[] bytes, int[] endTokens, int spaceByte = -1)
    {
        _bytes = bytes;
        SpaceByte = spaceByte;
        EndTokens = endTokens;
        All = new TokenTrie(WithText(_ => true), bytes.Length);
        var slices = new List<TextSlice>();
        foreach (int maxLength in s_sliceLengths)
        {
            bool IsIn(byte[] text) => text.Length <= maxLength && IsPlainText(text);
            var bits = new ulong[MaskLength];
            int length = 0;
            foreach ((int token, byte[] text) in WithText(IsIn))
            {
                bits[token >> 6] |= 1UL << token;
                length = Math.Max(length, text.Length);
            }

            slices.Add(new TextSlice(length, bits, new TokenTrie(WithText(text => !IsIn(text)), bytes.Length)));
        }

        // The largest slice comes first.
        slices.Reverse();
        Slices = slices;
    }

    /// <summary>The number of tokens.</summary>
    public int Count => _bytes.Length;

    /// <summary>The length of a mask in words of 64 bits.</summary>
    public int MaskLength => (_bytes.Length + 63) / 64;

    /// <summary>The tokens that end a generation.</summary>
    public int[] EndTokens { get; }

    /// <summary>The byte token of the space; -1 if there is none.</summary>
    public int SpaceByte { get; }

    /// <summary>All tokens with a text.</summary>
    public TokenTrie All { get; }

    /// <summary>Slices of the tokens that are plain text inside a JSON string, the largest slice first.</summary>
    public IReadOnlyList<TextSlice> Slices { get; }

    /// <summary>The bytes of a token's text; null for a token without text.</summary>
    public byte[]? this[int token] => _bytes[token];

    /// <summary>The token that consists only of the given byte; -1 if there is none.</summary>
    public int OfByte(byte value) => All.FindLongest([value], out int token) == 1 ? token : -1;

    /// <summary>The bytes of a tokenizer's tokens. For the same tokenizer, this method returns the same object each time.</summary>
    public static TokenBytes Of(ModelTokenizer tokenizer) => s_cache.GetValue(tokenizer, static tokenizer => new(
        Read(tokenizer), [.. tokenizer.EndOfGenerationIds], tokenizer.Vocabulary.ByteIds.IsEmpty ? -1 : tokenizer.Vocabulary.ByteIds[' ']));

    private static byte[]?[] Read(ModelTokenizer tokenizer)
    {
        Vocabulary vocabulary = tokenizer.Vocabulary;
        var bytes = new byte[]?[vocabulary.Count];
        for (int id = 0; id < bytes.Length; id++)
        {
            if (vocabulary.IsEnd(id) || vocabulary.Types[id] is not (PieceType.Normal or PieceType.UserDefined))
                continue;
            string text = vocabulary.Pieces[id].Replace(Vocabulary.EscapedSpace, ' ');
            bytes[id] = text.Length == 0 ? null : Encoding.UTF8.GetBytes(text);
        }

        for (int value = 0; value < vocabulary.ByteIds.Length; value++)
            bytes[vocabulary.ByteIds[value]] = [(byte)value];
        return bytes;
    }

    private static bool IsPlainText(byte[] text)
    {
        foreach (byte value in text)
        {
            if (value is < 0x20 or (byte)'"' or (byte)'\\')
                return false;
        }

        return System.Text.Unicode.Utf8.IsValid(text);
    }

    private IEnumerable<(int Token, byte[] Bytes)> WithText(Func<byte[], bool> isIn)
    {
        for (int token = 0; token < _bytes.Length; token++)
        {
            if (_bytes[token] is byte[] text && isIn(text))
                yield return (token, text);
        }
    }
}
