namespace Llama2.Templating;

/// <summary>A text by Unicode characters, which is how Python counts: a pair of surrogates is one.</summary>
internal readonly struct CodePoints
{
    // Where each character starts, and the end; null where every character is one unit.
    private readonly int[]? _starts;
    private readonly int _length;

    public CodePoints(RenderContext context, string text)
    {
        context.ChargeScan(text.Length);
        _length = text.Length;
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return;

        context.ChargeText(2L * text.Length, 0);
        var starts = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
            starts[count++] = i;
        starts[count] = text.Length;
        _starts = starts;
        _length = count;
    }

    public int Count => _length;

    /// <summary>The unit at which a character starts; for <see cref="Count"/>, the text's end.</summary>
    public int Start(int index) => _starts is null ? index : _starts[index];
}
