namespace Llama2.Templating;

/// <summary>The tests, by name.</summary>
internal static class TemplateTests
{
    private static readonly Dictionary<string, TemplateTest> s_tests = new(StringComparer.Ordinal)
    {
        ["defined"] = Plain("defined", value => !value.IsUndefined),
        ["undefined"] = Plain("undefined", value => value.IsUndefined),
        ["none"] = Plain("none", value => value is NoneValue),
        ["string"] = Plain("string", value => value is TextValue),
        ["mapping"] = Plain("mapping", value => value is DictionaryValue),
        ["iterable"] = Plain("iterable", value => value is TextValue or ListValue or DictionaryValue or UndefinedValue),
        ["sequence"] = Plain("sequence", value => value is TextValue or ListValue or DictionaryValue or UndefinedValue),
        ["number"] = Plain("number", Numbers.IsNumber),
        ["integer"] = Plain("integer", value => value is IntegerValue),
        ["float"] = Plain("float", value => value is DoubleValue),
        ["boolean"] = Plain("boolean", value => value is BooleanValue),
        ["true"] = Plain("true", value => value is BooleanValue { Value: true }),
        ["false"] = Plain("false", value => value is BooleanValue { Value: false }),
        ["callable"] = Plain("callable", value => value is FunctionValue),
        ["odd"] = (context, value, arguments) => Modulo(context, value, arguments, "odd", 2) != 0,
        ["even"] = (context, value, arguments) => Modulo(context, value, arguments, "even", 2) == 0,
        ["divisibleby"] = (context, value, arguments) => Numbers.ToInteger(Arithmetic.Apply(
            context, Operator.Modulo, RequireInteger(context, value), RequireInteger(context, Other(context, arguments, "divisibleby")))) == 0,
        ["lower"] = (context, value, _) => TextMethods.IsCased(context, PythonText.Of(context, value), char.IsLower, char.IsUpper),
        ["upper"] = (context, value, _) => TextMethods.IsCased(context, PythonText.Of(context, value), char.IsUpper, char.IsLower),
        ["in"] = Comparison("in", Operator.In),
        ["equalto"] = Comparison("equalto", Operator.Equal),
        ["eq"] = Comparison("eq", Operator.Equal),
        ["=="] = Comparison("==", Operator.Equal),
        ["ne"] = Comparison("ne", Operator.NotEqual),
        ["!="] = Comparison("!=", Operator.NotEqual),
        ["lt"] = Comparison("lt", Operator.Less),
        ["<"] = Comparison("<", Operator.Less),
        ["lessthan"] = Comparison("lessthan", Operator.Less),
        ["le"] = Comparison("le", Operator.LessOrEqual),
        ["<="] = Comparison("<=", Operator.LessOrEqual),
        ["gt"] = Comparison("gt", Operator.Greater),
        [">"] = Comparison(">", Operator.Greater),
        ["greaterthan"] = Comparison("greaterthan", Operator.Greater),
        ["ge"] = Comparison("ge", Operator.GreaterOrEqual),
        [">="] = Comparison(">=", Operator.GreaterOrEqual),
    };

    public static string Names => string.Join(", ", s_tests.Keys);

    public static TemplateTest? Find(string name) => s_tests.GetValueOrDefault(name);

    private static TemplateTest Plain(string name, Func<TemplateValue, bool> test) => (context, value, arguments) =>
    {
        arguments.Bind(context, $"the test '{name}'");
        return test(value);
    };

    private static TemplateTest Comparison(string name, Operator symbol) =>
        (context, value, arguments) => Comparer.Apply(context, symbol, value, Other(context, arguments, name));

    private static TemplateValue Other(RenderContext context, CallArguments arguments, string name) =>
        arguments.Bind(context, $"the test '{name}'", "other")[0] ?? throw context.Fault($"the test '{name}' has nothing to compare with");

    private static long Modulo(RenderContext context, TemplateValue value, CallArguments arguments, string name, long divisor)
    {
        arguments.Bind(context, $"the test '{name}'");
        return Numbers.ToInteger(RequireInteger(context, value)) % divisor;
    }

    private static TemplateValue RequireInteger(RenderContext context, TemplateValue value) =>
        Numbers.IsInteger(value) ? value : throw context.Fault(value is UndefinedValue undefined ? undefined.Reason : $"a test of whole numbers is given {value.TypeName}");
}
