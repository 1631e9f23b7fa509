using Llama2.Templating.Attributes;
using Llama2.Templating.Filtering;
using Llama2.Templating.Globals;
using Llama2.Templating.Limits;
using Llama2.Templating.Operations;
using Llama2.Templating.Syntax;
using Llama2.Templating.Values;

namespace Llama2.Templating.Rendering;

/// <summary>Evaluates expressions. Recursion is as deep as the nesting of brackets in the source, which the parser limits.</summary>
internal sealed class Evaluator(RenderContext context, IReadOnlyDictionary<string, TemplateValue> variables)
{
    // LookupCost is the cost of looking up a name in a scope, in addition to the cost of hashing the characters of the name; it is counted in
    // characters. LookupDiscount is the number of characters that cost as much as a step (60 ns).
    private const int LookupCost = 16, LookupDiscount = 128;

    public TemplateValue Evaluate(Expression expression, Scope scope)
    {
        context.Step();
        context.Offset = expression.Offset;
        return expression switch
        {
            Expression.Literal literal => literal.Value,
            Expression.Name name => Find(name.Identifier, scope),
            Expression.Postfix postfix => Evaluate(postfix, scope),
            Expression.Arithmetic arithmetic => Evaluate(arithmetic, scope),
            Expression.Comparison comparison => Evaluate(comparison, scope),
            Expression.Logical logical => Evaluate(logical, scope),
            Expression.Not not => BooleanValue.Of(!Evaluate(not.Operand, scope).IsTrueIn(context)),
            Expression.Concatenation concatenation => Evaluate(concatenation, scope),
            Expression.Conditional conditional => Evaluate(conditional, scope),
            Expression.ListDisplay list => context.Nest(new ListValue(Evaluate(list.Items, scope), list.IsTuple ? ListKind.Tuple : ListKind.List)),
            Expression.DictionaryDisplay dictionary => Evaluate(dictionary, scope),
            Expression.Sign sign => Evaluate(sign, scope),
            _ => throw context.Fault("an expression of an unknown kind"),
        };
    }

    public TemplateValue[] Evaluate(Expression[] expressions, Scope scope)
    {
        var values = new TemplateValue[expressions.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = Evaluate(expressions[i], scope);
        return values;
    }

    public CallArguments Evaluate(ArgumentList arguments, Scope scope)
    {
        if (arguments.IsEmpty)
            return CallArguments.None;
        TemplateValue[] positional = Evaluate(arguments.Positional, scope);
        if (arguments.Spread is not null)
        {
            TemplateValue[] spread = Iteration.Copy(context, Evaluate(arguments.Spread, scope));
            context.Step(positional.Length);
            positional = [.. positional, .. spread];
        }

        var keywords = new KeyValuePair<TextValue, TemplateValue>[arguments.Keywords.Length];
        for (int i = 0; i < keywords.Length; i++)
            keywords[i] = KeyValuePair.Create(arguments.Keywords[i].Key, Evaluate(arguments.Keywords[i].Value, scope));
        return new CallArguments(positional, arguments.KeywordSpread is null ? keywords : AddKeywords(keywords, Evaluate(arguments.KeywordSpread, scope)));
    }

    private KeyValuePair<TextValue, TemplateValue>[] AddKeywords(KeyValuePair<TextValue, TemplateValue>[] keywords, TemplateValue spread)
    {
        if (spread is not DictionaryValue dictionary)
            throw context.Fault(spread is UndefinedValue undefined ? undefined.Reason : $"'**' precedes a value of type {spread.TypeName}", "it must be a dict");
        context.Step(DictionaryValue.EntryStepCount * ((long)keywords.Length + dictionary.Count));
        var names = keywords.Select(keyword => keyword.Key.Text).ToHashSet(StringComparer.Ordinal);
        var added = new List<KeyValuePair<TextValue, TemplateValue>>(keywords);
        foreach ((TemplateValue key, TemplateValue value) in dictionary.Entries)
        {
            TextValue name = PythonText.Require(context, key, "the name of an argument");
            context.ChargeScan(name.Text.Length);
            if (!names.Add(name.Text))
                throw context.Fault($"the argument '{name.Text}' is given twice");
            added.Add(KeyValuePair.Create(name, value));
        }

        return [.. added];
    }

    /// <summary>Applies suffixes to a value.</summary>
    public TemplateValue Apply(TemplateValue value, ReadOnlySpan<Suffix> suffixes, Scope scope)
    {
        for (int i = 0; i < suffixes.Length; i++)
        {
            // A method that is called immediately needs no object that binds it to its receiver.
            if (suffixes[i] is Suffix.Member member && i + 1 < suffixes.Length && suffixes[i + 1] is Suffix.Call call
                && Methods.Find(value, member.Name.Text) is TemplateFunction method)
            {
                context.Step(2);
                CallArguments arguments = Evaluate(call.Arguments, scope);
                context.Offset = member.Offset;
                value = method(context, value, arguments);
                i++;
            }
            else
            {
                value = Apply(value, suffixes[i], scope);
            }
        }

        return value;
    }

    /// <summary>Calls a value, as requested by a suffix of the source.</summary>
    public TemplateValue Call(TemplateValue callee, Suffix.Call call, CallArguments arguments)
    {
        context.Offset = call.Offset;
        if (callee is UndefinedValue undefined)
            throw context.Fault(undefined.Reason);
        if ((callee is LoopValue loop ? loop.Recursion : callee) is not FunctionValue function)
            throw context.Fault($"a value of type {callee.TypeName} is called", callee is LoopValue ? "the loop is not recursive" : "only macros, functions and methods can be");
        context.EnterCall(call.Depth);
        TemplateValue result = function.Invoke(context, arguments);
        context.LeaveCall(call.Depth);
        return result;
    }

    private TemplateValue Apply(TemplateValue value, Suffix suffix, Scope scope)
    {
        context.Step();
        switch (suffix)
        {
            case Suffix.Member member:
                context.Offset = member.Offset;
                return Members.Attribute(context, value, member.Name);
            case Suffix.Item item:
                TemplateValue index = Evaluate(item.Index, scope);
                context.Offset = item.Offset;
                return Members.Item(context, value, index);
            case Suffix.Slice slice:
                TemplateValue start = EvaluateBound(slice.Start, scope), stop = EvaluateBound(slice.Stop, scope), step = EvaluateBound(slice.Step, scope);
                context.Offset = slice.Offset;
                return Slicing.Apply(context, value, start, stop, step);
            case Suffix.Call call:
                return Call(value, call, Evaluate(call.Arguments, scope));
            case Suffix.Filter filter:
                CallArguments arguments = Evaluate(filter.Arguments, scope);
                context.Offset = filter.Offset;
                return filter.Function is not null
                    ? filter.Function(context, value, arguments)
                    : throw context.Fault($"there is no filter '{filter.Name}'", $"the filters are {Filters.Names}");
            default:
                var test = (Suffix.Test)suffix;
                CallArguments tested = Evaluate(test.Arguments, scope);
                context.Offset = test.Offset;
                return test.Function is not null
                    ? BooleanValue.Of(test.Function(context, value, tested) != test.IsNegated)
                    : throw context.Fault($"there is no test '{test.Name}'", $"the tests are {TemplateTests.Names}");
        }
    }

    private TemplateValue Find(string name, Scope scope)
    {
        TemplateValue? found = scope.Find(name, out int scopeCount);
        context.Step(scopeCount * (LookupCost + name.Length) / LookupDiscount);
        return found ?? (variables.TryGetValue(name, out TemplateValue? value) ? value : Functions.Find(name)) ?? Missing(name);
    }

    // In jinja2, 'self' is the template, whose blocks can be called.
    private UndefinedValue Missing(string name) =>
        name == "self" ? throw context.Fault("'self' is used", "blocks cannot be called", "write a macro, and call that") : UndefinedValue.OfVariable(name);

    private TemplateValue EvaluateBound(Expression? bound, Scope scope) => bound is null ? NoneValue.Instance : Evaluate(bound, scope);

    private TemplateValue Evaluate(Expression.Postfix postfix, Scope scope) => Apply(Evaluate(postfix.First, scope), postfix.Suffixes, scope);

    private TemplateValue Evaluate(Expression.Arithmetic arithmetic, Scope scope)
    {
        TemplateValue value = Evaluate(arithmetic.First, scope);
        foreach (Expression.Term term in arithmetic.Terms)
        {
            TemplateValue operand = Evaluate(term.Operand, scope);
            context.Offset = term.Offset;
            value = Arithmetic.Apply(context, term.Operator, value, operand);
        }

        return value;
    }

    private BooleanValue Evaluate(Expression.Comparison comparison, Scope scope)
    {
        TemplateValue left = Evaluate(comparison.First, scope);
        foreach (Expression.Term term in comparison.Terms)
        {
            TemplateValue right = Evaluate(term.Operand, scope);
            context.Offset = term.Offset;
            if (!Comparer.Apply(context, term.Operator, left, right))
                return BooleanValue.Of(false);
            left = right;
        }

        return BooleanValue.Of(true);
    }

    // As in Python, the value of the expression is the operand that decides the result, not true or false.
    private TemplateValue Evaluate(Expression.Logical logical, Scope scope)
    {
        TemplateValue value = NoneValue.Instance;
        foreach (Expression operand in logical.Operands)
        {
            value = Evaluate(operand, scope);
            if (value.IsTrueIn(context) != logical.IsAnd)
                break;
        }

        return value;
    }

    private TextValue Evaluate(Expression.Concatenation concatenation, Scope scope)
    {
        var parts = new TextValue[concatenation.Operands.Length];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = PythonText.Of(context, Evaluate(concatenation.Operands[i], scope));
        context.Offset = concatenation.Offset;
        return TextValue.Concatenate(context, parts);
    }

    private TemplateValue Evaluate(Expression.Conditional conditional, Scope scope)
    {
        for (int i = conditional.Conditions.Length - 1; i >= 0; i--)
        {
            if (Evaluate(conditional.Conditions[i], scope).IsTrueIn(context))
                continue;
            return i == conditional.Conditions.Length - 1 && conditional.Else is not null
                ? Evaluate(conditional.Else, scope)
                : new UndefinedValue("the inline if-expression has no else part and its condition is false") { IsLenient = true };
        }

        return Evaluate(conditional.Then, scope);
    }

    private TemplateValue Evaluate(Expression.DictionaryDisplay dictionary, Scope scope)
    {
        context.Step(DictionaryValue.EntryStepCount * (1L + dictionary.Entries.Length));
        var entries = new KeyValuePair<TemplateValue, TemplateValue>[dictionary.Entries.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            TemplateValue key = Evaluate(dictionary.Entries[i].Key, scope);
            entries[i] = KeyValuePair.Create(DictionaryKey.Require(context, key), Evaluate(dictionary.Entries[i].Value, scope));
        }

        return context.Nest(new DictionaryValue(entries));
    }

    private TemplateValue Evaluate(Expression.Sign sign, Scope scope)
    {
        TemplateValue operand = Evaluate(sign.Operand, scope);
        context.Offset = sign.Offset;
        return Arithmetic.Negate(context, operand, sign.IsNegative);
    }
}
