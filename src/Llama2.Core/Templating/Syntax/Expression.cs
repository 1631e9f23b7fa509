using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>
/// The syntax of an expression. Operators of the same precedence form a list instead of a tree, so that the tree is only as deep as the brackets in
/// the source.
/// </summary>
/// <param name="Offset">The offset of the expression in the template, for messages.</param>
internal abstract record Expression(int Offset)
{
    public sealed record Literal(int Offset, TemplateValue Value) : Expression(Offset);

    public sealed record Name(int Offset, string Identifier) : Expression(Offset);

    public sealed record ListDisplay(int Offset, Expression[] Items, bool IsTuple) : Expression(Offset);

    public sealed record DictionaryDisplay(int Offset, KeyValuePair<Expression, Expression>[] Entries) : Expression(Offset);

    /// <summary>Operators of one precedence, evaluated from the left.</summary>
    public sealed record Arithmetic(int Offset, Expression First, Term[] Terms) : Expression(Offset);

    /// <summary>The operator <c>~</c>, which concatenates its operands.</summary>
    public sealed record Concatenation(int Offset, Expression[] Operands) : Expression(Offset);

    /// <summary>A chain of comparisons such as <c>a &lt; b &lt; c</c>, which is true if all comparisons are true.</summary>
    public sealed record Comparison(int Offset, Expression First, Term[] Terms) : Expression(Offset);

    /// <summary>The operator <c>and</c> or the operator <c>or</c>, with its operands.</summary>
    public sealed record Logical(int Offset, bool IsAnd, Expression[] Operands) : Expression(Offset);

    public sealed record Not(int Offset, Expression Operand) : Expression(Offset);

    public sealed record Sign(int Offset, bool IsNegative, Expression Operand) : Expression(Offset);

    /// <summary>
    /// <c>Then if … if … else Else</c>, with the conditions in order from left to right. The last condition is evaluated first. If all conditions are
    /// true, the value is that of <c>Then</c>. If the last condition is false and there is an <c>Else</c>, the value is that of <c>Else</c>.
    /// Otherwise the value is undefined.
    /// </summary>
    public sealed record Conditional(int Offset, Expression[] Conditions, Expression Then, Expression? Else) : Expression(Offset);

    /// <summary>A primary expression and its suffixes: attributes, items, calls, filters and tests, from the left.</summary>
    public sealed record Postfix(int Offset, Expression First, Suffix[] Suffixes) : Expression(Offset);

    /// <summary>An operator and its right operand.</summary>
    public readonly record struct Term(Operator Operator, Expression Operand, int Offset);
}
