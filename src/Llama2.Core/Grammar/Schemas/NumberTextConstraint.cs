using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// The text of a number matches an expression, or is no spelling of its numbers. Of a negation, only spellings without an exponent are allowed.
/// </summary>
/// <param name="text">The expression, which may leave out spellings: 10 also has the spelling 10.0, and 0 the spelling -0.</param>
/// <param name="findSpellings">Finds the expression of all spellings without an exponent; called for a negation only, as it takes longer.</param>
/// <param name="isNegated">Whether the numbers are excluded.</param>
internal sealed class NumberTextConstraint(RegexNode text, Func<RegexNode> findSpellings, bool isNegated = false) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context) =>
        shape with { Number = shape.Number with { Text = context.Regexes.Both(shape.Number.Text, isNegated ? context.PlainNumbersExcept(findSpellings()) : text) } };

    public override Formula Negate() => Only(JsonTypes.Number, new NumberTextConstraint(text, findSpellings, !isNegated));
}
