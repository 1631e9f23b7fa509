namespace Llama2.Grammar.Schemas;

/// <summary>All parts hold; none for every value.</summary>
internal sealed class Conjunction(params Formula[] parts) : Formula
{
    public Formula[] Parts { get; } = parts;

    public override Formula Negate() => new Disjunction([.. Parts.Select(part => part.Negate())]);
}
