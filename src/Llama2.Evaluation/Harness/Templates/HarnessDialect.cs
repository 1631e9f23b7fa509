using Llama2.Evaluation.Python;
using Llama2.Templating.Filtering;
using Llama2.Templating.Limits;
using Llama2.Templating.Syntax;
using Llama2.Templating.Values;

namespace Llama2.Evaluation.Harness.Templates;

/// <summary>Jinja as lm-evaluation-harness configures it (<c>lm_eval/utils.py</c>).</summary>
internal static class HarnessDialect
{
    public static TemplateDialect Instance { get; } = new()
    {
        TrimsBlocks = false,
        KeepsTrailingNewline = true,
        IsStrict = true,
        Filters = new Dictionary<string, TemplateFunction> { ["regex_replace"] = ReplaceRegex, ["tojson"] = ToJson },
    };

    private static TextValue ReplaceRegex(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue?[] bound = arguments.Bind(context, "regex_replace", 2, "pattern", "repl", "count");
        string text = PythonText.Require(context, value, "the input of regex_replace").Text;
        context.ChargeScan(text.Length);
        int count = bound[2] switch
        {
            null => 0,
            IntegerValue integer when integer.Value >= 0 && integer.Value <= int.MaxValue => (int)integer.Value,
            _ => throw context.Fault("the count of regex_replace is not a number of replacements"),
        };
        PythonRegex regex = PythonRegex.Parse(PythonText.Require(context, bound[0], "the pattern of regex_replace").Text);
        string result = regex.Replace(text, PythonText.Require(context, bound[1], "the replacement of regex_replace").Text, count);
        context.ChargeText(result.Length, 1);
        return TextValue.OfData(result);
    }

    // jinja2's own filter: sorted keys, ASCII, and escapes for HTML.
    private static TextValue ToJson(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        TemplateValue? indent = arguments.Bind(context, "tojson", 0, "indent")[0];
        CallArguments options = new CallArguments([], []).With("ensure_ascii", BooleanValue.Of(true)).With("sort_keys", BooleanValue.Of(true));
        string json = JsonText.Write(context, value, indent is null ? options : options.With("indent", indent)).Text;
        json = json.Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal)
            .Replace("&", "\\u0026", StringComparison.Ordinal).Replace("'", "\\u0027", StringComparison.Ordinal);
        context.ChargeText(json.Length, 1);
        return TextValue.OfData(json).WithMarkup(true);
    }
}
