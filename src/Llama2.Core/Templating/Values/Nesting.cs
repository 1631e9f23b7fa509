using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>The limit of lists and dicts in each other.</summary>
internal static class Nesting
{
    /// <summary>Gives a new list or dict back.</summary>
    /// <exception cref="PromptTemplateException">It is nested too deep.</exception>
    public static TemplateValue Nest(this RenderContext context, TemplateValue value) => value.Depth <= TemplateLimits.MaxDepth
        ? value
        : throw context.Fault("lists or dicts are nested too deep", $"at most {TemplateLimits.MaxDepth} levels are");
}
