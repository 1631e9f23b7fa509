using Llama2.Templating.Limits;
using Llama2.Templating.Syntax;
using Llama2.Templating.Values;

namespace Llama2.Templating.Rendering;

/// <summary>Renders statements to text.</summary>
internal sealed class Renderer(RenderContext context, IReadOnlyDictionary<string, TemplateValue> variables)
{
    // The number of steps that are charged for an iteration of a loop, because an iteration clears the loop's variables and sets two of them.
    private const int TurnStepCount = 2;

    private static readonly UndefinedValue s_noParent = new("there is no parent block");

    private readonly Evaluator _evaluator = new(context, variables);
    private readonly Scope _top = new(outer: null);

    /// <summary>How the execution of a body ends: at the end of the body, or by a tag that leaves or continues the enclosing loop.</summary>
    private enum Completion
    {
        Normal,
        Break,
        Continue,
    }

    public RenderedTemplate Render(Statement[] template)
    {
        var output = new TextBuilder(context);
        Render(template, _top, output);
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
                return Render(loop, _evaluator.Evaluate(loop.Items, scope), scope, depth: 0, output);
            case Statement.With with:
                return Render(with, scope, output);
            case Statement.Block block:
                var body = new Scope(block.IsScoped ? scope : _top);
                body.Set("super", s_noParent);
                return Render(block.Body, body, output);
            case Statement.Autoescape autoescape:
                return Render(autoescape, scope, output);
            case Statement.Break:
                return Completion.Break;
            case Statement.Continue:
                return Completion.Continue;
            default:
                Execute(statement, scope, output);
                return Completion.Normal;
        }
    }

    // Executes statements that cannot leave an enclosing loop, because their bodies are rendered separately.
    private void Execute(Statement statement, Scope scope, TextBuilder output)
    {
        switch (statement)
        {
            case Statement.Set set:
                Assign(set.Target, _evaluator.Evaluate(set.Value, scope), scope);
                break;
            case Statement.SetBlock set:
                Assign(set.Target, Filter(set.Filters, set.Body, scope), scope);
                break;
            case Statement.FilterBlock filter:
                output.Append(PythonText.Require(context, Filter(filter.Filters, filter.Body, scope), "the result of a filter block"));
                break;
            case Statement.Generation generation:
                Render(generation.Body, new Scope(scope), output);
                break;
            case Statement.Macro macro:
                scope.Set(macro.Definition.Signature.Name!, Function(macro.Definition, scope));
                break;
            case Statement.CallBlock call:
                output.Append(PythonText.Require(context, Call(call, scope), "the result of a call block"));
                break;
            default:
                throw context.Fault($"the tag '{((Statement.OtherTemplate)statement).Tag}' refers to another template", "a chat template cannot use other templates");
        }
    }

    private Completion Render(Statement.If condition, Scope scope, TextBuilder output)
    {
        foreach (Statement.Branch branch in condition.Branches)
        {
            if (_evaluator.Evaluate(branch.Condition, scope).IsTrueIn(context))
                return Render(branch.Body, scope, output);
        }

        return Render(condition.Else, scope, output);
    }

    private Completion Render(Statement.For loop, TemplateValue value, Scope scope, int depth, TextBuilder output)
    {
        context.Offset = loop.Offset;
        IEnumerable<TemplateValue> items = Iteration.Enumerate(context, value);
        FunctionValue? recursion = loop.IsRecursive ? new FunctionValue("loop", (_, _, arguments) => Recur(loop, arguments, scope, depth + 1)) : null;
        var position = loop.Filter is null
            ? new LoopValue(context, items, Iteration.Count(value), depth, recursion)
            : new LoopValue(context, Keep(loop, items, scope), count: null, depth, recursion);

        var body = new Scope(scope);
        bool hasCompleted = false;
        while (position.MoveNext())
        {
            context.Step(TurnStepCount);
            body.Clear();
            body.Set("loop", position);
            context.Offset = loop.Offset;
            Assign(loop.Target, position.Current, body);
            Completion completion = Render(loop.Body, body, output);
            if (completion == Completion.Break)
                break;
            hasCompleted |= completion == Completion.Normal;
        }

        // As in jinja2, 'else' is rendered unless an iteration has ended normally; an iteration that ends with 'continue' or 'break' does not count.
        return hasCompleted ? Completion.Normal : Render(loop.Else, new Scope(scope), output);
    }

    // Items are filtered one by one during the loop, as in jinja2, so the condition sees values that earlier iterations have set in a namespace.
    private IEnumerable<TemplateValue> Keep(Statement.For loop, IEnumerable<TemplateValue> items, Scope scope)
    {
        foreach (TemplateValue item in items)
        {
            var body = new Scope(scope);
            Assign(loop.Target, item, body);
            if (_evaluator.Evaluate(loop.Filter!, body).IsTrueIn(context))
                yield return item;
        }
    }

    private TextValue Recur(Statement.For loop, CallArguments arguments, Scope scope, int depth)
    {
        TemplateValue items = arguments.BindPositional(context, "loop()", 1, 1)[0]!;
        var output = new TextBuilder(context);
        Render(loop, items, scope, depth, output);
        return output.ToValue();
    }

    private Completion Render(Statement.With with, Scope scope, TextBuilder output)
    {
        var body = new Scope(scope);
        foreach ((Target target, Expression value) in with.Variables)
            Assign(target, _evaluator.Evaluate(value, scope), body);
        return Render(with.Body, body, output);
    }

    private Completion Render(Statement.Autoescape autoescape, Scope scope, TextBuilder output)
    {
        bool isOn = _evaluator.Evaluate(autoescape.Condition, scope).IsTrueIn(context);
        context.Offset = autoescape.Offset;
        return isOn
            ? throw context.Fault("'autoescape' is switched on", "a chat template gives plain text", "use the filter 'escape'")
            : Render(autoescape.Body, new Scope(scope), output);
    }

    private void Assign(Target target, TemplateValue value, Scope scope)
    {
        context.Step();
        switch (target)
        {
            case Target.Variable variable:
                scope.Set(variable.Name, value);
                break;
            case Target.Attribute attribute:
                context.Offset = attribute.Offset;
                if (scope.Find(attribute.Namespace, out _) is not NamespaceValue space)
                    throw context.Fault($"an attribute of '{attribute.Namespace}' is set", "only attributes of a namespace() can be set");
                space.Set(attribute.Name, value);
                break;
            case Target.Several several:
                context.Offset = several.Offset;
                ReadOnlySpan<TemplateValue> items = Iteration.Items(context, value);
                if (items.Length != several.Parts.Length)
                    throw context.Fault($"{items.Length} values are unpacked into {several.Parts.Length} variables");
                for (int i = 0; i < items.Length; i++)
                    Assign(several.Parts[i], items[i], scope);
                break;
        }
    }

    private TemplateValue Filter(Suffix[] filters, Statement[] body, Scope scope)
    {
        var inner = new Scope(scope);
        return _evaluator.Apply(Capture(body, inner), filters, inner);
    }

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
        FunctionValue caller = Function(call.Caller, scope);
        return _evaluator.Call(callee, call.Call, arguments.With("caller", caller));
    }

    private FunctionValue Function(Statement.MacroBody macro, Scope definition) => new(
        macro.Signature.Name ?? "caller",
        (_, _, arguments) =>
        {
            MacroSignature signature = macro.Signature;
            TemplateValue?[] values = signature.Bind(context, arguments, out var keywords, out TemplateValue? caller);
            var scope = new Scope(definition);
            if (signature.TakesCaller)
                scope.Set("caller", caller ?? new UndefinedValue("No caller defined"));
            if (signature.Uses.HasFlag(SpecialNames.Keywords))
                scope.Set("kwargs", context.Nest(DictionaryValue.OfKeywords(context, keywords)));
            if (signature.Uses.HasFlag(SpecialNames.Positional))
                scope.Set("varargs", context.Nest(ListValue.Tuple(arguments.Positional[Math.Min(values.Length, arguments.Positional.Length)..])));
            for (int i = 0; i < values.Length; i++)
                scope.Set(signature.ParameterNames[i], values[i] ?? Default(signature.ParameterNames[i], macro.Defaults[i], scope));
            return Capture(macro.Body, scope);
        })
    {
        Macro = macro.Signature,
    };

    private TemplateValue Default(string name, Expression? expression, Scope scope) =>
        expression is not null ? _evaluator.Evaluate(expression, scope) : UndefinedValue.OfParameter(name);
}
