using System.Numerics;

namespace Llama2.Grammar.Regexes;

/// <summary>A set of bytes, as 256 bits.</summary>
/// <param name="Bits0">Bytes 0 to 63.</param>
/// <param name="Bits1">Bytes 64 to 127.</param>
/// <param name="Bits2">Bytes 128 to 191.</param>
/// <param name="Bits3">Bytes 192 to 255.</param>
internal readonly record struct ByteSet(ulong Bits0, ulong Bits1, ulong Bits2, ulong Bits3)
{
    /// <summary>All 256 bytes.</summary>
    public static readonly ByteSet All = new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public bool IsEmpty => (Bits0 | Bits1 | Bits2 | Bits3) == 0;

    public int Count => BitOperations.PopCount(Bits0) + BitOperations.PopCount(Bits1) + BitOperations.PopCount(Bits2) + BitOperations.PopCount(Bits3);

    /// <summary>The lowest byte of the set, which must not be empty.</summary>
    public byte First
    {
        get
        {
            int word = 0;
            while (Word(word) == 0)
                word++;
            return (byte)((word * 64) + BitOperations.TrailingZeroCount(Word(word)));
        }
    }

    public static ByteSet Of(byte value) => Range(value, value);

    /// <summary>The bytes from <paramref name="first"/> to <paramref name="last"/>, both included; empty if the last is below the first.</summary>
    public static ByteSet Range(int first, int last)
    {
        var set = default(ByteSet);
        return first > last ? set : new ByteSet(Part(0), Part(1), Part(2), Part(3));

        ulong Part(int word)
        {
            int low = Math.Max(first - (word * 64), 0), high = Math.Min(last - (word * 64), 63);
            return low > 63 || high < low ? 0 : (ulong.MaxValue >> (63 - (high - low))) << low;
        }
    }

    public bool Contains(byte value) => ((Word(value >> 6) >> (value & 63)) & 1) != 0;

    public static ByteSet operator |(ByteSet left, ByteSet right) =>
        new(left.Bits0 | right.Bits0, left.Bits1 | right.Bits1, left.Bits2 | right.Bits2, left.Bits3 | right.Bits3);

    public static ByteSet operator &(ByteSet left, ByteSet right) =>
        new(left.Bits0 & right.Bits0, left.Bits1 & right.Bits1, left.Bits2 & right.Bits2, left.Bits3 & right.Bits3);

    public static ByteSet operator ~(ByteSet set) => new(~set.Bits0, ~set.Bits1, ~set.Bits2, ~set.Bits3);

    private ulong Word(int index) => index switch { 0 => Bits0, 1 => Bits1, 2 => Bits2, _ => Bits3 };
}
