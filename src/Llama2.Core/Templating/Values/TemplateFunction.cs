using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>A filter, a method or a function.</summary>
/// <param name="context">The rendering, to which all costs are charged.</param>
/// <param name="receiver">The input of a filter, or the receiver of a method; undefined for a function.</param>
/// <param name="arguments">The arguments in parentheses.</param>
internal delegate TemplateValue TemplateFunction(RenderContext context, TemplateValue receiver, CallArguments arguments);
