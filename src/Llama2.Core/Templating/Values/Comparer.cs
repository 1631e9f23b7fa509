using Llama2.Templating.Characters;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Equality, order and membership of values, as in Python.</summary>
internal static class Comparer
{
    // The number of steps that are charged for a pair, because the types of the values are tested one after the other.
    private const int StepCount = 3;

    public static bool Apply(RenderContext context, Operator symbol, TemplateValue left, TemplateValue right)
    {
        if ((left as UndefinedValue ?? right as UndefinedValue) is { } undefined && undefined.IsStrictIn(context))
            throw context.Fault(undefined.Reason);
        return symbol switch
        {
            Operator.Equal => AreEqual(context, left, right),
            Operator.NotEqual => !AreEqual(context, left, right),
            Operator.In => Contains(context, right, left),
            Operator.NotIn => !Contains(context, right, left),
            Operator.Less => Compare(context, left, right) < 0,
            Operator.LessOrEqual => Compare(context, left, right) <= 0,
            Operator.Greater => Compare(context, left, right) > 0,
            _ => Compare(context, left, right) >= 0,
        };
    }

    // Recursion is as deep as the nesting of values, at most TemplateLimits.MaxDepth.
    public static bool AreEqual(RenderContext context, TemplateValue left, TemplateValue right)
    {
        context.Step(StepCount);
        return (left, right) switch
        {
            (TextValue first, TextValue second) => AreEqual(context, first.Text, second.Text),
            (IntegerValue or BooleanValue or DoubleValue, IntegerValue or BooleanValue or DoubleValue) => Numbers.AreEqual(left, right),
            (UndefinedValue, UndefinedValue) => true,
            (ListValue { Kind: ListKind.Keys or ListKind.Items } first, ListValue { Kind: ListKind.Keys or ListKind.Items } second) => AreEqualSets(context, first, second),
            (ListValue { Kind: not ListKind.Values } first, ListValue second) => AreEqual(context, first, second),
            (DictionaryValue first, DictionaryValue second) => AreEqual(context, first, second),
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>Whether two values are the same object or equal, which is how Python compares the items of containers.</summary>
    public static bool AreSameOrEqual(RenderContext context, TemplateValue left, TemplateValue right)
    {
        context.Step();
        return ReferenceEquals(left, right) || AreEqual(context, left, right);
    }

    /// <summary>
    /// A negative number if left is less than right, 0 if they are equal, a positive number if left is greater; null if the values have no order,
    /// which is the case if one of them is NaN.
    /// </summary>
    public static int? Compare(RenderContext context, TemplateValue left, TemplateValue right)
    {
        context.Step(StepCount);
        if (Numbers.IsNumber(left) && Numbers.IsNumber(right))
            return Numbers.Compare(left, right);
        switch (left, right)
        {
            case (UndefinedValue undefined, _):
                throw context.Fault(undefined.Reason);
            case (_, UndefinedValue undefined):
                throw context.Fault(undefined.Reason);
            case (TextValue first, TextValue second):
                context.ChargeScan(Math.Min(first.Text.Length, second.Text.Length));
                return CodePoints.Compare(first.Text, second.Text);
            case (ListValue first, ListValue second) when first.Kind == second.Kind && first.Kind is (ListKind.List or ListKind.Tuple):
                return Compare(context, first, second);
            default:
                throw context.Fault($"values of type {left.TypeName} and {right.TypeName} are put in order", "these types have no order");
        }
    }

    /// <summary>Whether a container or a text contains a value.</summary>
    public static bool Contains(RenderContext context, TemplateValue container, TemplateValue sought)
    {
        switch (container, sought)
        {
            case (TextValue text, TextValue part):
                return new TextSearch(context, text.Text, part.Text).First(0, text.Text.Length) >= 0;
            case (TextValue, UndefinedValue undefined):
                throw context.Fault(undefined.Reason);
            case (TextValue, _):
                throw context.Fault($"'in' looks for {sought.TypeName} in a text", "a text contains only texts");
            case (DictionaryValue dictionary, _):
                return dictionary.Find(context, DictionaryKey.Require(context, sought)) is not null;
            case (ListValue or GeneratorValue or UndefinedValue, _):
                foreach (TemplateValue item in Iteration.Enumerate(context, container))
                {
                    if (AreSameOrEqual(context, item, sought))
                        return true;
                }

                return false;
            default:
                throw context.Fault($"'in' looks for {sought.TypeName} in {container.TypeName}", "this type has no items");
        }
    }

    private static bool AreEqual(RenderContext context, string first, string second)
    {
        if (first.Length != second.Length)
            return false;
        context.ChargeScan(first.Length);
        return first == second;
    }

    private static bool AreEqual(RenderContext context, ListValue first, ListValue second)
    {
        if (first.Count != second.Count || first.Kind != second.Kind)
            return false;
        for (int i = 0; i < first.Count; i++)
        {
            if (!AreSameOrEqual(context, first.Items[i], second.Items[i]))
                return false;
        }

        return true;
    }

    // Views of keys and items are sets: the order of their items does not matter.
    private static bool AreEqualSets(RenderContext context, ListValue first, ListValue second)
    {
        if (first.Count != second.Count)
            return false;
        foreach (TemplateValue item in first.Items)
        {
            if (!Contains(context, second, item))
                return false;
        }

        return true;
    }

    private static bool AreEqual(RenderContext context, DictionaryValue first, DictionaryValue second)
    {
        if (first.Count != second.Count)
            return false;
        foreach ((TemplateValue key, TemplateValue value) in first.Entries)
        {
            if (second.Find(context, key) is not TemplateValue other || !AreSameOrEqual(context, value, other))
                return false;
        }

        return true;
    }

    private static int? Compare(RenderContext context, ListValue first, ListValue second)
    {
        for (int i = 0; i < Math.Min(first.Count, second.Count); i++)
        {
            if (!AreSameOrEqual(context, first.Items[i], second.Items[i]))
                return Compare(context, first.Items[i], second.Items[i]);
        }

        return first.Count.CompareTo(second.Count);
    }
}
