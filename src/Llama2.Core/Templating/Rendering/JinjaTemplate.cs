using Llama2.Templating.Limits;
using Llama2.Templating.Syntax;
using Llama2.Templating.Values;

namespace Llama2.Templating.Rendering;

/// <summary>A parsed Jinja template. Immutable and thread-safe; rendering has no side effects.</summary>
internal sealed class JinjaTemplate
{
    private readonly SourceText _source;
    private readonly Statement[] _statements;
    private readonly bool _isStrict;

    private JinjaTemplate(SourceText source, Statement[] statements, bool isStrict)
    {
        _source = source;
        _statements = statements;
        _isStrict = isStrict;
    }

    /// <exception cref="PromptTemplateException">The source is malformed, too long, nested too deep, or uses an unknown feature.</exception>
    public static JinjaTemplate Parse(string source) => Parse(source, TemplateDialect.Chat);

    /// <param name="source">The template.</param>
    /// <param name="dialect">How jinja2 is configured.</param>
    /// <exception cref="PromptTemplateException">The source is malformed, too long, nested too deep, or uses an unknown feature.</exception>
    public static JinjaTemplate Parse(string source, TemplateDialect dialect)
    {
        var text = new SourceText(source, dialect.KeepsTrailingNewline);
        return new JinjaTemplate(text, new StatementParser(new TokenStream(text, dialect)).ParseTemplate(), dialect.IsStrict);
    }

    /// <param name="variables">The variables that the template can use.</param>
    /// <param name="limits">The limits on the resources that the rendering may use.</param>
    /// <param name="cancellationToken">Cancels the rendering.</param>
    /// <exception cref="PromptTemplateException">
    /// The template raises an exception, exceeds a limit, or performs an operation that its values do not allow.
    /// </exception>
    public RenderedTemplate Render(
        IReadOnlyDictionary<string, TemplateValue> variables, TemplateLimits limits, CancellationToken cancellationToken = default) =>
        Render(variables, limits, TimeProvider.System, cancellationToken);

    /// <inheritdoc cref="Render(IReadOnlyDictionary{string, TemplateValue}, TemplateLimits, CancellationToken)"/>
    public RenderedTemplate Render(
        IReadOnlyDictionary<string, TemplateValue> variables, TemplateLimits limits, TimeProvider clock, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var context = new RenderContext(_source, limits, clock, cancellationToken) { IsStrict = _isStrict };
        return new Renderer(context, variables).Render(_statements);
    }
}
