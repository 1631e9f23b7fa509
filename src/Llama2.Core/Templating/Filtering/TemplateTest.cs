using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>A test of a value. A template writes the test after <c>is</c>, for example in <c>x is defined</c>.</summary>
/// <param name="context">The rendering, to which all costs are charged.</param>
/// <param name="value">The tested value.</param>
/// <param name="arguments">The arguments after the test's name.</param>
internal delegate bool TemplateTest(RenderContext context, TemplateValue value, CallArguments arguments);
