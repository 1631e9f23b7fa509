using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>Parses assignment targets: those of <c>set</c>, <c>for</c> and <c>with</c>, and the parameters of macros.</summary>
/// <param name="tokens">The template.</param>
/// <param name="expressions">Parses the defaults of parameters.</param>
/// <param name="names">Records which names are set.</param>
internal sealed class TargetParser(TokenStream tokens, ExpressionParser expressions, SpecialNameUses names)
{
    /// <summary>Parses a target, or several targets that are separated by commas.</summary>
    /// <param name="allowsAttributes">Whether the target may be an attribute of a namespace.</param>
    /// <param name="allowsLoop">Whether the target may be named <c>loop</c>, which is the name of a loop's own variable.</param>
    public Target Parse(bool allowsAttributes, bool allowsLoop)
    {
        Target first = ParseOne(allowsAttributes, allowsLoop);
        if (!tokens.Current.IsOperator(","))
            return first;
        var parts = new List<Target> { first };
        while (tokens.TakeIfOperator(",") && !IsEnd())
            parts.Add(ParseOne(allowsAttributes, allowsLoop));
        return new Target.Several(first.Offset, [.. parts]);

        bool IsEnd() => tokens.Current.IsName("in") || tokens.Current.IsOperator("=") || tokens.Current.IsOperator(")") || tokens.Current.Kind == TokenKind.BlockEnd;
    }

    /// <summary>The name of a variable.</summary>
    public string ParseName()
    {
        Token name = tokens.Expect(TokenKind.Name, "a variable's name");
        return name.Text is "true" or "True" or "false" or "False" or "none" or "None"
            ? throw tokens.Fault(name.Offset, $"'{name.Text}' cannot be set", "it is a constant")
            : name.Text;
    }

    /// <summary>A macro's parameters in parentheses.</summary>
    public Statement.Parameter[] ParseParameters()
    {
        var parameters = new List<Statement.Parameter>();
        var declared = new HashSet<string>(StringComparer.Ordinal);
        tokens.ExpectOperator("(");
        while (!tokens.Current.IsOperator(")"))
        {
            int offset = tokens.Current.Offset;
            string name = ParseName();
            if (!declared.Add(name))
                throw tokens.Fault(offset, $"parameter '{name}' is declared twice");
            names.Declare(name);
            Expression? otherwise = tokens.TakeIfOperator("=") ? expressions.Parse() : null;
            if (otherwise is null && parameters.Count > 0 && parameters[^1].Default is not null)
                throw tokens.Fault($"parameter '{name}' has no default", "a parameter before it has one");
            parameters.Add(new Statement.Parameter(name, otherwise));
            if (!tokens.TakeIfOperator(","))
                break;
        }

        tokens.ExpectOperator(")");
        return [.. parameters];
    }

    private Target ParseOne(bool allowsAttributes, bool allowsLoop)
    {
        int offset = tokens.Current.Offset;
        if (tokens.TakeIfOperator("("))
        {
            tokens.Enter();
            Target enclosed = Parse(allowsAttributes, allowsLoop);
            tokens.Leave();
            tokens.ExpectOperator(")");
            return enclosed;
        }

        string name = ParseName();
        if (allowsAttributes && tokens.TakeIfOperator("."))
            return new Target.Attribute(offset, name, TextValue.Own(tokens.Expect(TokenKind.Name, "an attribute's name").Text));
        if (name == "loop" && !allowsLoop)
            throw tokens.Fault(offset, "a variable named 'loop' is set by a loop or in it", "'loop' is the loop's own variable there", "choose another name");
        names.Declare(name);
        return new Target.Variable(offset, name);
    }
}
