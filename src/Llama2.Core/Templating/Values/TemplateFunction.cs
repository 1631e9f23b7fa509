using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>A filter, a method or a function.</summary>
/// <param name="context">The rendering, which everything is charged to.</param>
/// <param name="receiver">What a filter filters, or whose method it is; undefined for a function.</param>
/// <param name="arguments">What stands between the parentheses.</param>
internal delegate TemplateValue TemplateFunction(RenderContext context, TemplateValue receiver, CallArguments arguments);
