using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>The limit on the nesting of lists and dicts.</summary>
internal static class Nesting
{
    /// <summary>Returns a new list or dict after checking its depth.</summary>
    /// <exception cref="PromptTemplateException">The value is nested too deep.</exception>
    public static TemplateValue Nest(this RenderContext context, TemplateValue value) => value.Depth <= TemplateLimits.MaxDepth
        ? value
        : throw context.Fault("lists or dicts are nested too deep", $"at most {TemplateLimits.MaxDepth} levels are allowed");
}
