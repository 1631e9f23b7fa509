using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Demands that the text of a number matches an expression; if negated, that the number differs from all numbers that the expression matches. A negation allows
/// only
/// spellings without an exponent.
/// </summary>
/// <param name="text">
/// The expression. It need not match all spellings of a number. For example, 10 also has the spelling 10.0, and 0 also has the spelling -0.
/// </param>
/// <param name="findSpellings">
/// Finds the expression that matches all spellings of the numbers that <paramref name="text"/> matches, except spellings with an exponent. The
/// function is called only for a negation, because finding this expression takes additional time.
/// </param>
/// <param name="isNegated">Whether the numbers are excluded instead of required.</param>
internal sealed class NumberTextConstraint(RegexNode text, Func<RegexNode> findSpellings, bool isNegated = false) : Constraint
{
    public override Shape Apply(Shape shape, ShapeContext context) =>
        shape with { Number = shape.Number with { Text = context.Regexes.Both(shape.Number.Text, isNegated ? context.PlainNumbersExcept(findSpellings()) : text) } };

    public override Formula Negate() => Only(JsonTypes.Number, new NumberTextConstraint(text, findSpellings, !isNegated));
}
