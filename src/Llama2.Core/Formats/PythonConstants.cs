namespace Llama2.Formats;

/// <summary>
/// JSON cannot express infinite numbers and NaN; Python writes the words <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> for them. This class puts these words into
/// quotation marks, so that the JSON can be parsed. A reader that does not need the value ignores the string; a reader that needs a number refuses
/// the string and states it in the error message.
/// </summary>
internal static class PythonConstants
{
    private static ReadOnlySpan<byte> NotANumber => "NaN"u8;

    private static ReadOnlySpan<byte> Infinity => "Infinity"u8;

    private static ReadOnlySpan<byte> NegativeInfinity => "-Infinity"u8;

    /// <summary>Returns JSON in which these words are strings; returns the same bytes if there are none.</summary>
    public static ReadOnlyMemory<byte> Quote(ReadOnlyMemory<byte> json)
    {
        ReadOnlySpan<byte> bytes = json.Span;
        if (bytes.IndexOf(NotANumber) < 0 && bytes.IndexOf(Infinity) < 0)
            return json;

        var quoted = new MemoryStream(bytes.Length + 64);
        for (int i = 0; i < bytes.Length;)
        {
            int length = bytes[i] == '"' ? StringLength(bytes[i..]) : ConstantLength(bytes[i..]);
            bool isConstant = length > 0 && bytes[i] != '"';
            if (isConstant)
                quoted.WriteByte((byte)'"');
            quoted.Write(bytes.Slice(i, Math.Max(1, length)));
            if (isConstant)
                quoted.WriteByte((byte)'"');
            i += Math.Max(1, length);
        }

        return quoted.GetBuffer().AsMemory(0, (int)quoted.Length);
    }

    private static int ConstantLength(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(NotANumber) ? NotANumber.Length
        : bytes.StartsWith(Infinity) ? Infinity.Length
        : bytes.StartsWith(NegativeInfinity) ? NegativeInfinity.Length
        : 0;

    // The length of the string at the beginning of the bytes, including both quotation marks. If the second one is missing, the string extends to the end of the bytes.
    private static int StringLength(ReadOnlySpan<byte> bytes)
    {
        for (int i = 1; i < bytes.Length; i++)
        {
            if (bytes[i] == '"')
                return i + 1;
            if (bytes[i] == '\\')
                i++;
        }

        return bytes.Length;
    }
}
