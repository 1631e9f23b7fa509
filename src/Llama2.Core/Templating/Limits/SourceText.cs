namespace Llama2.Templating.Limits;

/// <summary>A template's text with line feeds as line breaks. Finds the line and column of an error. Immutable.</summary>
internal sealed class SourceText
{
    /// <param name="text">The text.</param>
    /// <param name="keepsTrailingNewline">Whether a line break at the end of the text is kept.</param>
    /// <exception cref="PromptTemplateException">The text is too long.</exception>
    public SourceText(string text, bool keepsTrailingNewline = false)
    {
        if (text.Length > TemplateLimits.MaxSourceLength)
            throw new PromptTemplateException(null, null, $"it has {text.Length} characters", $"at most {TemplateLimits.MaxSourceLength} are allowed");
        Text = text.Contains('\r') ? text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : text;
        // By default, jinja2 removes a template's last line break.
        if (!keepsTrailingNewline && Text.EndsWith('\n'))
            Text = Text[..^1];
    }

    public string Text { get; }

    public PromptTemplateException Fault(int offset, string what, string limit = "", string remedy = "")
    {
        (int line, int column) = Locate(offset);
        return new PromptTemplateException(line, column, what, limit, remedy);
    }

    /// <summary>Line and column of an offset, from 1.</summary>
    public (int Line, int Column) Locate(int offset)
    {
        ReadOnlySpan<char> before = Text.AsSpan(0, Math.Min(offset, Text.Length));
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }
}
