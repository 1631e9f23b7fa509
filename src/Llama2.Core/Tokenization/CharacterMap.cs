using System.Buffers.Binary;
using static System.FormattableString;

namespace Llama2.Tokenization;

/// <summary>
/// SentencePiece's rules of normalization (NormalizerSpec.precompiled_charsmap), such as those named nmt_nfkc. Each rule replaces a byte sequence;
/// the rules are in a double-array trie (github.com/s-yata/darts-clone). Where several rules match, the rule with the longest byte sequence is
/// applied. Immutable and thread-safe.
/// </summary>
internal sealed class CharacterMap
{
    // bytes 0-3 byte size of the trie (uint) | the trie, units of 4 bytes | replacements in UTF-8, each ended by a zero byte
    // unit: bit 31 set for a leaf, whose bits 0-30 are the offset of a replacement; otherwise bits 0-7 label, bit 8 has a leaf, bits 9-30 offset
    private const int HeaderByteSize = sizeof(uint), UnitByteSize = sizeof(uint);

    /// <summary>
    /// The maximum length of a replacement; the longest replacement of NFKC has 33 bytes. Without a limit, a short text could become arbitrarily long.
    /// </summary>
    private const int MaxReplacementByteSize = 256;

    private readonly byte[] _bytes;
    private readonly int _replacementsStart;

    private CharacterMap(byte[] bytes, int replacementsStart)
    {
        _bytes = bytes;
        _replacementsStart = replacementsStart;
    }

    /// <summary>The bytes from which this map was created.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Checks and copies the bytes of a map; returns null if there are none.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="source">The file, for error messages.</param>
    /// <exception cref="ModelFormatException">The rules are malformed.</exception>
    public static CharacterMap? Create(ReadOnlySpan<byte> bytes, string source)
    {
        if (bytes.IsEmpty)
            return null;
        uint trieByteSize = bytes.Length < HeaderByteSize ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (trieByteSize == 0 || trieByteSize % UnitByteSize != 0 || trieByteSize >= (uint)(bytes.Length - HeaderByteSize))
            throw Fault("trie", Invariant($"{trieByteSize:N0} of {bytes.Length:N0} bytes long"), "it must be units of 4 bytes, and the replacements must follow it");

        ReadOnlySpan<byte> replacements = bytes[(HeaderByteSize + (int)trieByteSize)..];
        if (replacements[^1] != 0)
            throw Fault("replacements", "not terminated", "each must end with a zero byte");
        for (int start = 0; start < replacements.Length;)
        {
            int length = replacements[start..].IndexOf((byte)0);
            if (length > MaxReplacementByteSize)
                throw Fault("replacement", Invariant($"{length:N0} bytes long"), Invariant($"at most {MaxReplacementByteSize} are allowed"));
            start += length + 1;
        }

        return new CharacterMap(bytes.ToArray(), HeaderByteSize + (int)trieByteSize);

        ModelFormatException Fault(string field, string value, string limit) =>
            new(source, null, $"precompiled_charsmap: {field}", value, $"{limit}: the file is damaged");
    }

    /// <summary>Finds the rule that matches the longest beginning of a text.</summary>
    /// <param name="text">The text in UTF-8.</param>
    /// <param name="replacement">The text in UTF-8 that replaces the beginning.</param>
    /// <returns>The number of bytes at the beginning that are replaced; 0 if no rule matches.</returns>
    public int Find(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        replacement = default;
        int longest = 0;
        uint position = OffsetOf(Unit(0));
        for (int i = 0; i < text.Length; i++)
        {
            position ^= text[i];
            uint unit = Unit(position);
            if ((unit & 0x8000_00FF) != text[i])
                break;
            position ^= OffsetOf(unit);
            if ((unit & 0x100) != 0 && Unit(position) is var leaf && (int)(leaf & 0x7FFF_FFFF) is var offset && offset < _bytes.Length - _replacementsStart)
            {
                longest = i + 1;
                replacement = _bytes.AsSpan(_replacementsStart + offset);
                replacement = replacement[..replacement.IndexOf((byte)0)];
            }
        }

        return longest;
    }

    private static uint OffsetOf(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    // A damaged trie can contain an index beyond its end. The result is then a unit whose label matches no byte, so the search ends.
    private uint Unit(uint index) => index < (uint)(_replacementsStart - HeaderByteSize) / UnitByteSize
        ? BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(HeaderByteSize + ((int)index * UnitByteSize)))
        : 0x8000_0000;
}
