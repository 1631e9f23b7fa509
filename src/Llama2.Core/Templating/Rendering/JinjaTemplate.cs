using Llama2.Templating.Limits;
using Llama2.Templating.Syntax;
using Llama2.Templating.Values;

namespace Llama2.Templating.Rendering;

/// <summary>A parsed Jinja template, in the dialect of transformers' chat templates. Immutable and thread-safe; rendering has no side effects.</summary>
internal sealed class JinjaTemplate
{
    private readonly SourceText _source;
    private readonly Statement[] _statements;

    private JinjaTemplate(SourceText source, Statement[] statements)
    {
        _source = source;
        _statements = statements;
    }

    /// <exception cref="PromptTemplateException">The source is malformed, too long, nested too deep, or uses an unknown feature.</exception>
    public static JinjaTemplate Parse(string source)
    {
        var text = new SourceText(source);
        return new JinjaTemplate(text, new StatementParser(new TokenStream(text)).ParseTemplate());
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
        var context = new RenderContext(_source, limits, clock, cancellationToken);
        return new Renderer(context, variables).Render(_statements);
    }
}
