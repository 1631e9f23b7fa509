using System.Collections.Immutable;

namespace Llama2.Grammar.Schemas;

/// <summary>What is demanded of a value if it is an object. Immutable.</summary>
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
        SchemaSet set = context.Sets.Any;
        byte[]? text = null;
        foreach (PropertiesConstraint clause in Clauses)
        {
            bool isMatched = clause.Named.TryGetValue(name, out SchemaLiteral literal);
            if (isMatched)
                set = context.Sets.Union(set, literal);
            foreach ((Regexes.RegexNode pattern, SchemaLiteral value) in clause.Patterns)
            {
                if (!context.Search.IsMatch(pattern, text ??= JsonText.Escape(name)))
                    continue;
                isMatched = true;
                set = context.Sets.Union(set, value);
            }

            if (!isMatched)
                set = context.Sets.Union(set, clause.Additional);
        }

        return set;
    }
}
