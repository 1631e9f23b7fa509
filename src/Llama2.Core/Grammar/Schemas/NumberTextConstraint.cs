using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// The text of a number matches an expression, or does not. The expression must match all spellings without an exponent; so its complement is sought
/// among these.
/// </summary>
internal sealed class NumberTextConstraint(RegexNode text, bool isNegated = false) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context) =>
        shape with { Number = shape.Number with { Text = context.Regexes.Both(shape.Number.Text, isNegated ? context.PlainNumbersExcept(text) : text) } };

    public override Formula Negate() => Only(JsonTypes.Number, new NumberTextConstraint(text, !isNegated));
}
