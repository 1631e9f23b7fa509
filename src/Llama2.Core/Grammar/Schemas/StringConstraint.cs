using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>Demands that the text of a string matches an expression; if negated, that the text does not match the expression.</summary>
/// <param name="text">The expression for the text between the quotes.</param>
/// <param name="isNegated">Whether the text must not match.</param>
internal sealed class StringConstraint(RegexNode text, bool isNegated = false) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context) =>
        shape with { Text = !isNegated && shape.Text == context.Texts.AnyText ? text : context.Regexes.Both(shape.Text, isNegated ? context.Regexes.Not(text) : text) };

    public override Formula Negate() => Only(JsonTypes.String, new StringConstraint(text, !isNegated));
}
