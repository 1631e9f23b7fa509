using Llama2.Templating.Attributes;
using Llama2.Templating.Limits;
using Llama2.Templating.Operations;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

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
        ["iterable"] = Plain("iterable", value => value is TextValue or ListValue or DictionaryValue or UndefinedValue or GeneratorValue or LoopValue),
        ["sequence"] = Plain("sequence", value => value is TextValue or ListValue { IsIndexed: true } or DictionaryValue or UndefinedValue),
        ["number"] = Plain("number", Numbers.IsNumber),
        ["integer"] = Plain("integer", value => value is IntegerValue),
        ["float"] = Plain("float", value => value is DoubleValue),
        ["boolean"] = Plain("boolean", value => value is BooleanValue),
        ["true"] = Plain("true", value => value is BooleanValue { Value: true }),
        ["false"] = Plain("false", value => value is BooleanValue { Value: false }),
        ["callable"] = Plain("callable", value => value is FunctionValue or LoopValue or UndefinedValue),
        ["escaped"] = Plain("escaped", value => value is TextValue { IsMarkup: true }),
        ["filter"] = (context, value, arguments) => IsKnown(context, value, arguments, "filter", name => Filters.IsKnown(context, name)),
        ["test"] = (context, value, arguments) => IsKnown(context, value, arguments, "test", name => Find(name) is not null),
        ["sameas"] = (context, value, arguments) => AreSame(value, Other(context, arguments, "sameas")),
        ["odd"] = (context, value, arguments) => HasRemainder(context, value, arguments, "odd", 1),
        ["even"] = (context, value, arguments) => HasRemainder(context, value, arguments, "even", 0),
        ["divisibleby"] = (context, value, arguments) => HasRemainder(context, value, Other(context, arguments, "divisibleby"), 0),
        ["lower"] = (context, value, arguments) => IsCased(context, value, arguments, "lower", isUpper: false),
        ["upper"] = (context, value, arguments) => IsCased(context, value, arguments, "upper", isUpper: true),
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
        arguments.Bind(context, $"the test '{name}'", 0);
        return test(value);
    };

    private static TemplateTest Comparison(string name, Operator symbol) =>
        (context, value, arguments) => Comparer.Apply(context, symbol, value, Other(context, arguments, name));

    private static TemplateValue Other(RenderContext context, CallArguments arguments, string name) =>
        arguments.BindPositional(context, $"the test '{name}'", 1, 1)[0]!;

    private static bool IsKnown(RenderContext context, TemplateValue value, CallArguments arguments, string name, Func<string, bool> isKnown)
    {
        arguments.Bind(context, $"the test '{name}'", 0);
        return DictionaryKey.Require(context, value) is TextValue text && isKnown(text.Text);
    }

    // Whether the values are the same object. Equal values count as the same object if Python keeps only one object for them.
    private static bool AreSame(TemplateValue value, TemplateValue other) => ReferenceEquals(value, other) || (value, other) switch
    {
        (IntegerValue left, IntegerValue right) => left.Value == right.Value && left.Value >= -5 && left.Value <= 256,
        (TextValue left, TextValue right) => left.Text == right.Text && left.Text.Length <= 1 && !left.IsMarkup && !right.IsMarkup,
        (ListValue { Kind: ListKind.Tuple } left, ListValue { Kind: ListKind.Tuple } right) => left.Count == 0 && right.Count == 0,
        _ => false,
    };

    private static bool HasRemainder(RenderContext context, TemplateValue value, CallArguments arguments, string name, int remainder)
    {
        arguments.Bind(context, $"the test '{name}'", 0);
        return HasRemainder(context, value, IntegerValue.Of(2), remainder);
    }

    private static bool HasRemainder(RenderContext context, TemplateValue value, TemplateValue divisor, int remainder) =>
        Comparer.AreEqual(context, Arithmetic.Apply(context, Operator.Modulo, value, divisor), IntegerValue.Of(remainder));

    private static bool IsCased(RenderContext context, TemplateValue value, CallArguments arguments, string name, bool isUpper)
    {
        arguments.Bind(context, $"the test '{name}'", 0);
        return TextMethods.IsCased(context, PythonText.Of(context, value), isUpper);
    }
}
