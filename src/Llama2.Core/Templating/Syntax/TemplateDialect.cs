using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>How jinja2 is configured for the templates of a program. Immutable and thread-safe.</summary>
internal sealed record TemplateDialect
{
    /// <summary>The configuration of transformers' chat templates.</summary>
    public static TemplateDialect Chat { get; } = new();

    /// <summary>
    /// Whether the line break after a block tag, and the spaces between the beginning of a line and a block tag, are removed (<c>trim_blocks</c> and
    /// <c>lstrip_blocks</c>).
    /// </summary>
    public bool TrimsBlocks { get; init; } = true;

    /// <summary>Whether a line break at the end of the template is kept (<c>keep_trailing_newline</c>).</summary>
    public bool KeepsTrailingNewline { get; init; }

    /// <summary>Whether printing, iterating over, comparing or testing an undefined value is an error (<c>StrictUndefined</c>).</summary>
    public bool IsStrict { get; init; }

    /// <summary>Filters that are added to those of jinja2, or that replace them, by name.</summary>
    public IReadOnlyDictionary<string, TemplateFunction> Filters { get; init; } = new Dictionary<string, TemplateFunction>();
}
