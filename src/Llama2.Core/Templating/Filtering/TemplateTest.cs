using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>A test, what stands behind <c>is</c>.</summary>
/// <param name="context">The rendering, which everything is charged to.</param>
/// <param name="value">What is tested.</param>
/// <param name="arguments">What stands behind the test's name.</param>
internal delegate bool TemplateTest(RenderContext context, TemplateValue value, CallArguments arguments);
