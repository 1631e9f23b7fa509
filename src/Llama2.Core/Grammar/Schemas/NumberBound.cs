using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>A bound of numbers.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsExclusive">Whether the number itself is left out.</param>
internal sealed record NumberBound(string Text, ExactDecimal Value, bool IsExclusive)
{
    public bool IsTighterThan(NumberBound? other, bool isMinimum) =>
        other is null || (Value == other.Value ? IsExclusive : isMinimum ? Value > other.Value : Value < other.Value);
}
