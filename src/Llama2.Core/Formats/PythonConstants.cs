namespace Llama2.Formats;

/// <summary>
/// Python writes numbers that JSON cannot express as <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>. They are replaced by strings of these words. A
/// reader ignores those that it does not need; if it needs a number, it refuses the string and states its value.
/// </summary>
internal static class PythonConstants
{
    private static ReadOnlySpan<byte> NotANumber => "NaN"u8;

    private static ReadOnlySpan<byte> Infinity => "Infinity"u8;

    private static ReadOnlySpan<byte> NegativeInfinity => "-Infinity"u8;

    /// <summary>Returns JSON with these words as strings; the same bytes if there are none.</summary>
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

    // Including both quotation marks; up to the end if the second is missing.
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
