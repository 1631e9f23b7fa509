namespace Llama2.Grammar.Schemas;

/// <summary>A formula that holds if a value matches exactly one of the schemas. If negated, it holds if the value matches none or several of them.</summary>
internal sealed class ExactlyOne(SchemaLiteral[] parts, bool isNegated) : Formula
{
    public SchemaLiteral[] Parts { get; } = parts;

    public bool IsNegated { get; } = isNegated;

    public override Formula Negate() => new ExactlyOne(Parts, !IsNegated);

    /// <summary>Writes the formula as conjunctions and disjunctions.</summary>
    /// <param name="areDisjoint">Says whether it can be proved that no value matches both schemas.</param>
    public Formula Rewrite(Func<SchemaLiteral, SchemaLiteral, bool> areDisjoint)
    {
        var alternatives = new List<Formula>();
        var noneOf = new List<Formula>[Parts.Length];
        for (int i = 0; i < Parts.Length; i++)
            noneOf[i] = [new SchemaFormula(Parts[i])];
        for (int i = 0; i < Parts.Length; i++)
        {
            for (int j = i + 1; j < Parts.Length; j++)
            {
                if (areDisjoint(Parts[i], Parts[j]))
                    continue;
                noneOf[i].Add(new SchemaFormula(Parts[j].Negate()));
                noneOf[j].Add(new SchemaFormula(Parts[i].Negate()));
                if (IsNegated)
                    alternatives.Add(new Conjunction(new SchemaFormula(Parts[i]), new SchemaFormula(Parts[j])));
            }
        }

        if (!IsNegated)
            return new Disjunction([.. noneOf.Select(branch => new Conjunction([.. branch]))]);
        alternatives.Add(new Conjunction([.. Parts.Select(part => new SchemaFormula(part.Negate()))]));
        return new Disjunction([.. alternatives]);
    }
}
