using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>A minimum or maximum of numbers.</summary>
/// <param name="Text">The bound as it is written in the schema.</param>
/// <param name="Value">The value of the bound.</param>
/// <param name="IsExclusive">Whether the bound itself is left out.</param>
internal sealed record NumberBound(string Text, ExactDecimal Value, bool IsExclusive)
{
    public bool IsTighterThan(NumberBound? other, bool isMinimum) =>
        other is null || (Value == other.Value ? IsExclusive : isMinimum ? Value > other.Value : Value < other.Value);
}
