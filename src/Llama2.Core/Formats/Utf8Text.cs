using System.Buffers;
using System.Text;

namespace Llama2.Formats;

/// <summary>Finds bytes that are not UTF-8, and describes them for error messages.</summary>
internal static class Utf8Text
{
    /// <summary>The remedy; a sentence without its full stop.</summary>
    public const string Remedy = "text must be UTF-8: convert the file, or save it again in that encoding";

    /// <summary>The index of the first byte that is not UTF-8; -1 if there is none.</summary>
    public static int IndexOfInvalid(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[i..], out _, out int length) != OperationStatus.Done)
                return i;
            i += length;
        }

        return -1;
    }

    /// <summary>Describes a byte that is not UTF-8, with its character in the most likely encoding.</summary>
    public static string Describe(byte value) => value >= 0xA0
        ? $"the byte 0x{value:X2}, which is '{(char)value}' in Latin-1 and not valid UTF-8"
        : $"the byte 0x{value:X2}, which is not valid UTF-8";
}
