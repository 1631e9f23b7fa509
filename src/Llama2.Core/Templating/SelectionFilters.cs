namespace Llama2.Templating;

/// <summary>Filters that choose items or change each.</summary>
internal static class SelectionFilters
{
    /// <summary><c>map(attribute='…')</c>, or <c>map('filter', …)</c>.</summary>
    public static TemplateValue Map(RenderContext context, TemplateValue value, CallArguments arguments)
    {
        ReadOnlySpan<TemplateValue> items = Iteration.Items(context, value);
        context.Step(items.Length);
        var mapped = new TemplateValue[items.Length];
        if (arguments.Positional.Length == 0)
        {
            TemplateValue?[] bound = arguments.Bind(context, "map", "attribute", "default");
            TemplateValue attribute = bound[0] ?? throw context.Fault("map is given neither a filter nor an attribute");
            for (int i = 0; i < mapped.Length; i++)
                mapped[i] = SortingFilters.Key(context, items[i], attribute, otherwise: bound[1]);
        }
        else
        {
            string name = PythonText.Require(context, arguments.Positional[0], "the filter that map applies").Text;
            TemplateFunction filter = Filters.Find(name) ?? throw context.Fault($"there is no filter '{name}'", $"there are {Filters.Names}");
            int offset = context.Offset;
            for (int i = 0; i < mapped.Length; i++)
            {
                context.Step();
                context.Offset = offset;
                mapped[i] = filter(context, items[i], arguments.Rest);
            }
        }

        return context.Nest(new ListValue(mapped));
    }

    /// <summary><c>select('test', …)</c>; without a test, what is true.</summary>
    public static TemplateValue Select(RenderContext context, TemplateValue value, CallArguments arguments, bool keeps) =>
        Select(context, value, arguments, keeps, attribute: null);

    /// <summary><c>selectattr('attribute', 'test', …)</c></summary>
    public static TemplateValue SelectByAttribute(RenderContext context, TemplateValue value, CallArguments arguments, bool keeps)
    {
        if (arguments.Positional.Length == 0)
            throw context.Fault("a filter by attribute is given no attribute");
        return Select(context, value, arguments.Rest, keeps, arguments.Positional[0]);
    }

    private static ListValue Select(RenderContext context, TemplateValue value, CallArguments arguments, bool keeps, TemplateValue? attribute)
    {
        TemplateTest? test = null;
        CallArguments rest = arguments;
        if (arguments.Positional.Length > 0)
        {
            string name = PythonText.Require(context, arguments.Positional[0], "the test that selects").Text;
            test = TemplateTests.Find(name) ?? throw context.Fault($"there is no test '{name}'", $"there are {TemplateTests.Names}");
            rest = arguments.Rest;
        }

        var selected = new List<TemplateValue>();
        foreach (TemplateValue item in Iteration.Items(context, value))
        {
            context.Step();
            TemplateValue tested = SortingFilters.Key(context, item, attribute);
            if ((test is null ? tested.IsTrue : test(context, tested, rest)) == keeps)
                selected.Add(item);
        }

        return new ListValue([.. selected]);
    }
}
