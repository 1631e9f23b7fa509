using System.Buffers.Binary;
using System.Text;

namespace Llama2.Fuzz;

/// <summary>Derives new inputs from others by small changes; the same seed gives the same inputs. Not thread-safe.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<string> words)
{
    private const int MaxLength = 1 << 20;
    // Headers and directories are at the beginning and the end of files; bytes of weights between them are all alike.
    private const int EdgeLength = 4096;

    private static readonly long[] s_numbers =
        [0, 1, 2, 3, 4, 7, 8, 31, 32, 64, 127, 128, 255, 256, 1024, 32767, 65535, 65536, 1 << 20, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, 1L << 40, long.MaxValue, long.MinValue, -1, -2, -32];

    private readonly Random _random = new(seed);

    /// <summary>A damaged copy of one input, which may contain a piece of another.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="seedCount">The number of well-formed inputs, which come first; half of the new inputs are derived from them.</param>
    public byte[] Mutate(IReadOnlyList<byte[]> inputs, int seedCount)
    {
        byte[] input = [.. inputs[_random.Next(_random.Next(2) == 0 ? seedCount : inputs.Count)]];
        for (int count = 1 << _random.Next(4); count > 0; count--)
            input = Change(input, inputs);
        return input.Length <= MaxLength ? input : input[..MaxLength];
    }

    private byte[] Change(byte[] input, IReadOnlyList<byte[]> inputs)
    {
        if (input.Length == 0)
            return [(byte)_random.Next(256)];

        int at = Position(input.Length), length = Math.Min(input.Length - at, 1 + _random.Next(1 << _random.Next(10)));
        switch (_random.Next(words.Count > 0 ? 11 : 9))
        {
            case 0:
                input[at] ^= (byte)(1 << _random.Next(8));
                return input;
            case 1:
                input[at] = (byte)_random.Next(256);
                return input;
            case 2 or 3:
                WriteNumber(input.AsSpan(at), s_numbers[_random.Next(s_numbers.Length)]);
                return input;
            case 4:
                input[at] = (byte)(input[at] + _random.Next(-3, 4));
                return input;
            case 5:
                return [.. input[..at], .. input[(at + length)..]];
            case 6:
                return [.. input[..(at + length)], .. input[at..]];
            case 7:
                return _random.Next(4) == 0 ? input[..at] : Insert(input, at, Piece(input));
            case 8:
                return Insert(input, at, Piece(inputs[_random.Next(inputs.Count)]));
            case 9:
                return Insert(input, at, Encoding.UTF8.GetBytes(words[_random.Next(words.Count)]));
            default:
                return [.. input[..at], .. Encoding.UTF8.GetBytes(words[_random.Next(words.Count)]), .. input[(at + length)..]];
        }
    }

    private int Position(int length) => _random.Next(4) switch
    {
        0 => _random.Next(length),
        1 => length - 1 - _random.Next(Math.Min(length, EdgeLength)),
        _ => _random.Next(Math.Min(length, EdgeLength)),
    };

    private void WriteNumber(Span<byte> target, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        if (_random.Next(4) == 0)
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        else
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        bytes = bytes[..Math.Min(target.Length, 1 << _random.Next(4))];
        bytes.CopyTo(target);
    }

    private byte[] Piece(byte[] input)
    {
        int start = input.Length == 0 ? 0 : Position(input.Length);
        return input[start..Math.Min(input.Length, start + _random.Next(1 << _random.Next(10)))];
    }

    private static byte[] Insert(byte[] input, int at, byte[] piece) => [.. input[..at], .. piece, .. input[at..]];
}
