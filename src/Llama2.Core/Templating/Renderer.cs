namespace Llama2.Templating;

/// <summary>Renders statements into a text.</summary>
internal sealed class Renderer(RenderContext context, IReadOnlyDictionary<string, TemplateValue> variables)
{
    // Steps that a turn of a loop is charged: it forgets its variables and sets two.
    private const int TurnStepCount = 2;

    private readonly Evaluator _evaluator = new(context, variables);

    /// <summary>How a body ends: by its end, or by a tag that leaves or repeats the loop around it.</summary>
    private enum Completion
    {
        Normal,
        Break,
        Continue,
    }

    public RenderedTemplate Render(Statement[] template)
    {
        var output = new TextBuilder(context);
        Render(template, new Scope(outer: null), output);
        return output.ToRendered();
    }

    private Completion Render(Statement[] statements, Scope scope, TextBuilder output)
    {
        foreach (Statement statement in statements)
        {
            context.Step();
            context.Offset = statement.Offset;
            Completion completion = Render(statement, scope, output);
            if (completion != Completion.Normal)
                return completion;
        }

        return Completion.Normal;
    }

    private Completion Render(Statement statement, Scope scope, TextBuilder output)
    {
        switch (statement)
        {
            case Statement.Text text:
                output.Append(text.Value);
                return Completion.Normal;
            case Statement.Output { Value: var value }:
                output.Append(PythonText.Of(context, _evaluator.Evaluate(value, scope)));
                return Completion.Normal;
            case Statement.If condition:
                return Render(condition, scope, output);
            case Statement.For loop:
                return Render(loop, scope, output);
            case Statement.Set set:
                Set(set, _evaluator.Evaluate(set.Value, scope), scope);
                return Completion.Normal;
            case Statement.SetBlock set:
                Set(set.Target, Filter(set.Filters, set.Body, scope), scope);
                return Completion.Normal;
            case Statement.FilterBlock filter:
                output.Append(PythonText.Of(context, Filter(filter.Filters, filter.Body, scope)));
                return Completion.Normal;
            case Statement.Generation generation:
                return Render(generation.Body, new Scope(scope), output);
            case Statement.Macro macro:
                scope.Set(macro.Name, Function(macro.Name, macro.Parameters, macro.Body, scope, takesCaller: true));
                return Completion.Normal;
            case Statement.CallBlock call:
                output.Append(PythonText.Of(context, Call(call, scope)));
                return Completion.Normal;
            default:
                return statement is Statement.Break ? Completion.Break : Completion.Continue;
        }
    }

    private Completion Render(Statement.If condition, Scope scope, TextBuilder output)
    {
        foreach (Statement.Branch branch in condition.Branches)
        {
            if (_evaluator.Evaluate(branch.Condition, scope).IsTrue)
                return Render(branch.Body, scope, output);
        }

        return Render(condition.Else, scope, output);
    }

    private Completion Render(Statement.For loop, Scope scope, TextBuilder output)
    {
        TemplateValue[] items = LoopItems(loop, scope);
        if (items.Length == 0)
            return Render(loop.Else, new Scope(scope), output);

        var position = new LoopValue(items);
        var body = new Scope(scope);
        for (int i = 0; i < items.Length; i++)
        {
            context.Step(TurnStepCount);
            body.Clear();
            position.Index = i;
            body.Set("loop", position);
            Assign(loop, items[i], body);
            if (Render(loop.Body, body, output) == Completion.Break)
                break;
        }

        return Completion.Normal;
    }

    private TemplateValue[] LoopItems(Statement.For loop, Scope scope)
    {
        TemplateValue value = _evaluator.Evaluate(loop.Items, scope);
        context.Offset = loop.Offset;
        ReadOnlySpan<TemplateValue> items = Iteration.Items(context, value);
        context.Step(items.Length);
        if (loop.Filter is null)
            return items.ToArray();

        var kept = new List<TemplateValue>();
        var body = new Scope(scope);
        foreach (TemplateValue item in items)
        {
            Assign(loop, item, body);
            if (_evaluator.Evaluate(loop.Filter, body).IsTrue)
                kept.Add(item);
        }

        return [.. kept];
    }

    private void Assign(Statement.For loop, TemplateValue item, Scope scope)
    {
        if (loop.Targets.Length == 1)
        {
            scope.Set(loop.Targets[0], item);
            return;
        }

        ReadOnlySpan<TemplateValue> parts = Unpack(item, loop.Targets.Length, loop.Offset);
        for (int i = 0; i < parts.Length; i++)
            scope.Set(loop.Targets[i], parts[i]);
    }

    private void Set(Statement.Set set, TemplateValue value, Scope scope)
    {
        if (set.Targets.Length == 1)
        {
            Set(set.Targets[0], value, scope);
            return;
        }

        ReadOnlySpan<TemplateValue> parts = Unpack(value, set.Targets.Length, set.Offset);
        for (int i = 0; i < parts.Length; i++)
            Set(set.Targets[i], parts[i], scope);
    }

    private void Set(Statement.Variable target, TemplateValue value, Scope scope)
    {
        if (target.Attribute is null)
        {
            scope.Set(target.Name, value);
            return;
        }

        context.Offset = target.Offset;
        if (scope.Find(target.Name) is not NamespaceValue space)
            throw context.Fault($"an attribute of '{target.Name}' is set", "only those of a namespace() can be");
        space.Set(target.Attribute, value);
    }

    private ReadOnlySpan<TemplateValue> Unpack(TemplateValue value, int count, int offset)
    {
        context.Offset = offset;
        ReadOnlySpan<TemplateValue> parts = Iteration.Items(context, value);
        return parts.Length == count ? parts : throw context.Fault($"{parts.Length} values are unpacked into {count} variables");
    }

    private TemplateValue Filter(Suffix[] filters, Statement[] body, Scope scope) => _evaluator.Apply(Capture(body, new Scope(scope)), filters, scope);

    private TextValue Capture(Statement[] body, Scope scope)
    {
        var output = new TextBuilder(context);
        Render(body, scope, output);
        return output.ToValue();
    }

    private TemplateValue Call(Statement.CallBlock call, Scope scope)
    {
        TemplateValue callee = _evaluator.Evaluate(call.Callee, scope);
        CallArguments arguments = _evaluator.Evaluate(call.Call.Arguments, scope);
        FunctionValue caller = Function("caller", call.Parameters, call.Body, scope, takesCaller: false);
        return _evaluator.Call(callee, call.Call, new CallArguments(arguments.Positional, [.. arguments.Keywords, KeyValuePair.Create<string, TemplateValue>("caller", caller)]));
    }

    private FunctionValue Function(string name, Statement.Parameter[] parameters, Statement[] body, Scope definition, bool takesCaller)
    {
        string[] names = [.. parameters.Select(parameter => parameter.Name), .. takesCaller ? ["caller"] : Array.Empty<string>()];
        return new FunctionValue(name, (_, _, arguments) =>
        {
            if (arguments.Positional.Length > parameters.Length)
                throw context.Fault($"{name} is given {arguments.Positional.Length} arguments", $"it takes at most {parameters.Length}");
            TemplateValue?[] values = arguments.Bind(context, name, names);
            var scope = new Scope(definition);
            for (int i = 0; i < names.Length; i++)
                scope.Set(names[i], values[i] ?? Default(i, scope));
            return Capture(body, scope);
        });

        TemplateValue Default(int index, Scope scope) =>
            index < parameters.Length && parameters[index].Default is Expression expression
                ? _evaluator.Evaluate(expression, scope)
                : new UndefinedValue($"parameter '{names[index]}' was not provided");
    }
}
