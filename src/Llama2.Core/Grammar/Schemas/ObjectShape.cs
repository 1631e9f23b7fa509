using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>The demands on a value that is an object. Immutable.</summary>
/// <param name="Clauses">Which schemas the properties must match, depending on their names. All clauses apply.</param>
/// <param name="Required">The names of properties that must be present, in order.</param>
/// <param name="MinCount">The lowest number of properties.</param>
/// <param name="MaxCount">The highest number of properties; <see cref="int.MaxValue"/> for no limit.</param>
/// <param name="Names">The schemas that the name of every property, as a string, must match.</param>
/// <param name="Witnesses">Properties that must be present although their exact names are not given.</param>
internal sealed record ObjectShape(
    ImmutableArray<PropertiesConstraint> Clauses, ImmutableArray<string> Required, int MinCount, int MaxCount, ImmutableArray<SchemaLiteral> Names,
    ImmutableArray<WitnessConstraint> Witnesses)
{
    public static readonly ObjectShape Any = new([], [], 0, int.MaxValue, [], []);

    /// <summary>The demands on the value of a property.</summary>
    public SchemaSet ValueOf(string name, ShapeContext context)
    {
        context.Regexes.Budget.Charge(1 + Clauses.Length);
        List<SchemaLiteral> literals = context.Literals;
        literals.Clear();
        byte[]? text = null;
        foreach (PropertiesConstraint clause in Clauses)
        {
            bool isMatched = clause.Named.TryGetValue(name, out SchemaLiteral literal);
            if (isMatched)
                literals.Add(literal);
            foreach ((RegexNode pattern, SchemaLiteral value) in clause.Patterns)
            {
                if (!context.Search.IsMatch(pattern, text ??= JsonText.Escape(name)))
                    continue;
                isMatched = true;
                literals.Add(value);
            }

            if (!isMatched)
                literals.Add(clause.Additional);
        }

        return context.Sets.Of(CollectionsMarshal.AsSpan(literals));
    }
}
