using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>Filters that select or change items, one by one on demand. A value that counts as false, such as <c>none</c>, gives no items.</summary>
internal static class SelectionFilters
{
    /// <summary><c>map(attribute='…')</c>, or <c>map('filter', …)</c>.</summary>
    public static TemplateValue Map(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        return new GeneratorValue(context, Go());

        // As in jinja2, the filter is looked up when the first item is requested, and not at all if there are no items.
        IEnumerable<TemplateValue> Go()
        {
            if (!value.IsTrue)
                yield break;
            int offset = context.Offset;
            Func<TemplateValue, TemplateValue> map = Mapping(context, arguments);
            foreach (TemplateValue item in Iteration.Enumerate(context, value))
            {
                context.Offset = offset;
                yield return map(item);
            }
        }
    }

    /// <summary><c>select('test', …)</c>; without a test, the items that are true.</summary>
    public static TemplateValue Select(RenderContext context, TemplateValue value, CallArguments arguments, bool keeps) =>
        new GeneratorValue(context, Go(context, value, arguments, keeps, byAttribute: false));

    /// <summary><c>selectattr('attribute', 'test', …)</c></summary>
    public static TemplateValue SelectByAttribute(RenderContext context, TemplateValue value, CallArguments arguments, bool keeps) =>
        new GeneratorValue(context, Go(context, value, arguments, keeps, byAttribute: true));

    private static Func<TemplateValue, TemplateValue> Mapping(RenderContext context, CallArguments arguments)
    {
        if (arguments.Positional.Length == 0)
        {
            TemplateValue?[] bound = arguments.Bind(context, "map", 0, "attribute", "default");
            if (bound[0] is null)
                throw context.Fault("map is given neither a filter nor an attribute");
            var attribute = AttributePath.Parse(context, bound[0], bound[1]);
            return item => attribute.Of(context, item);
        }

        string name = PythonText.Require(context, arguments.Positional[0], "the filter that map applies").Text;
        TemplateFunction filter = Filters.Find(name) ?? throw context.Fault($"there is no filter '{name}'", $"the filters are {Filters.Names}");
        CallArguments rest = arguments.Skip(1);
        return item => filter(context, item, rest);
    }

    private static IEnumerable<TemplateValue> Go(RenderContext context, TemplateValue value, CallArguments arguments, bool keeps, bool byAttribute)
    {
        if (!value.IsTrue)
            yield break;
        int offset = context.Offset, used = byAttribute ? 1 : 0;
        if (arguments.Positional.Length < used)
            throw context.Fault("a filter by attribute is given no attribute");
        AttributePath? attribute = byAttribute ? AttributePath.Parse(context, arguments.Positional[0]) : null;
        TemplateTest? test = null;
        CallArguments rest = arguments;
        if (arguments.Positional.Length > used)
        {
            string name = PythonText.Require(context, arguments.Positional[used], "the test that selects").Text;
            test = TemplateTests.Find(name) ?? throw context.Fault($"there is no test '{name}'", $"the tests are {TemplateTests.Names}");
            rest = arguments.Skip(used + 1);
        }

        foreach (TemplateValue item in Iteration.Enumerate(context, value))
        {
            context.Step();
            context.Offset = offset;
            TemplateValue tested = attribute is null ? item : attribute.Of(context, item);
            if ((test is null ? tested.IsTrueIn(context) : test(context, tested, rest)) == keeps)
                yield return item;
        }
    }
}
