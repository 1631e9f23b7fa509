using System.Collections.Immutable;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Expresses the demands of a set of schemas as a list of alternatives that contain no further alternatives (a disjunctive normal form). The schemas of
/// items and properties are not read in this step. Not thread-safe.
/// </summary>
/// <param name="context">Creates the parts of shapes.</param>
/// <param name="reader">Reads schemas.</param>
/// <param name="satisfiability">
/// Proves that schemas exclude each other. If null, the shapes may allow more values than the schemas do, and demands that cannot be enforced are not
/// refused.
/// </param>
internal sealed class ShapeExpander(ShapeContext context, KeywordReader reader, Satisfiability? satisfiability)
{
    /// <summary>The maximum number of alternatives of a value.</summary>
    public const int MaxAlternativeCount = 2_000;

    /// <summary>The maximum number of formulas that are examined for a value.</summary>
    public const int MaxStepCount = 100_000;

    /// <summary>
    /// The maximum number of schemas in a chain in which each schema refers to the next one for the same value. It is also the maximum number of
    /// nested choices.
    /// </summary>
    public const int MaxDepth = 500;

    private readonly Dictionary<SchemaSet, IReadOnlyList<Shape>> _known = [];
    private List<Shape> _found = [];
    private int _stepCount;

    /// <summary>Finds the alternatives of a set of schemas.</summary>
    /// <exception cref="OutputConstraintException">A demand cannot be enforced, or there are too many alternatives.</exception>
    public IReadOnlyList<Shape> Expand(SchemaSet set)
    {
        if (_known.TryGetValue(set, out IReadOnlyList<Shape>? known))
            return known;
        List<Shape> outer = _found;
        int outerStepCount = _stepCount;
        (_found, _stepCount) = ([], 0);
        try
        {
            PendingFormula? pending = null;
            for (int i = set.Literals.Length - 1; i >= 0; i--)
                pending = new PendingFormula(new SchemaFormula(set.Literals[i]), null, pending);
            Walk(context.Any, [], pending, 0);
            return _known[set] = _found;
        }
        finally
        {
            (_found, _stepCount) = (outer, outerStepCount);
        }
    }

    // Parts are examined in the order in which they are in the schema, so that properties keep this order.
    private void Walk(Shape shape, ImmutableHashSet<SchemaLiteral> seen, PendingFormula? pending, int depth)
    {
        for (; pending is not null; pending = pending.Next)
        {
            if (++_stepCount > MaxStepCount)
                throw TooMany(pending, "steps in its alternatives", MaxStepCount);
            context.Regexes.Budget.Charge(3);
            switch (pending.Formula)
            {
                case Constraint constraint:
                    shape = constraint.Apply(shape, context);
                    if (shape.Types == JsonTypes.None)
                        return;
                    break;
                case Conjunction conjunction:
                    pending = Push(conjunction.Parts, pending);
                    break;
                case Disjunction { Parts.Length: 1 } single:
                    pending = Push(single.Parts, pending);
                    break;
                case Disjunction disjunction:
                    if (depth == MaxDepth)
                        throw TooMany(pending, "choices", MaxDepth);
                    foreach (Formula part in disjunction.Parts)
                        Walk(shape, seen, new PendingFormula(part, pending.Origin, pending.Next), depth + 1);
                    return;
                case ExactlyOne one:
                    pending = Push([Rewrite(one)], pending);
                    break;
                case SchemaFormula { Literal.Node: null } trivial:
                    if (!trivial.Literal.IsAsserted)
                        return;
                    break;
                case SchemaFormula schema when seen.Contains(schema.Literal.Negate()):
                    return;
                case SchemaFormula schema when !seen.Contains(schema.Literal):
                    context.Regexes.Budget.Charge(4);
                    seen = seen.Add(schema.Literal);
                    pending = Enter(schema.Literal, pending);
                    break;
                case SchemaFormula schema when pending.Origin?.Contains(schema.Literal) == true:
                    throw SchemaDocument.Fault(schema.Literal.Node!.Path, "the schema refers to itself for the same value, so it does not say what the value must be");
                default:
                    break;
            }
        }

        Finish(shape);
    }

    // Inserts the parts after the current entry, so that the next round of the loop continues with them.
    private static PendingFormula Push(Formula[] parts, PendingFormula pending)
    {
        PendingFormula? next = pending.Next;
        for (int i = parts.Length - 1; i >= 0; i--)
            next = new PendingFormula(parts[i], pending.Origin, next);
        return pending with { Next = next };
    }

    private PendingFormula Enter(SchemaLiteral literal, PendingFormula pending)
    {
        Formula formula = reader.Read(literal.Node!);
        var origin = new FormulaOrigin(literal, pending.Origin);
        if (origin.Depth > MaxDepth)
            throw SchemaDocument.Fault(literal.Node!.Path, $"more than {MaxDepth} schemas refer to each other for the same value; the limit protects time and memory");
        return pending with { Next = new PendingFormula(literal.IsAsserted ? formula : formula.Negate(), origin, pending.Next) };
    }

    private Formula Rewrite(ExactlyOne one) =>
        satisfiability is not null ? one.Rewrite(satisfiability.AreDisjoint)
        : one.IsNegated ? new Conjunction()
        : one.Rewrite((_, _) => true);

    private void Finish(Shape shape)
    {
        if (satisfiability is not null)
        {
            foreach (Refusal refusal in shape.Refusals)
            {
                JsonTypes affected = shape.Types & refusal.Types;
                if (affected != JsonTypes.None && satisfiability.IsSatisfiable(shape with { Types = affected }))
                    throw SchemaDocument.Fault(refusal.Path, refusal.Reason);
            }
        }

        if (_found.Count == MaxAlternativeCount)
            throw TooMany(null, "alternatives", MaxAlternativeCount);
        _found.Add(shape);
    }

    private static OutputConstraintException TooMany(PendingFormula? where, string what, int limit) => SchemaDocument.Fault(
        where?.Origin?.Literal.Node?.Path ?? "", $"the value has more than {limit:N0} {what} ('anyOf', 'oneOf', 'not', 'if' and dependencies multiply); simplify the schema");
}
