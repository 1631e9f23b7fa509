namespace Llama2.Grammar.Schemas;

/// <summary>At least one part holds; none for no value.</summary>
internal sealed class Disjunction(params Formula[] parts) : Formula
{
    public Formula[] Parts { get; } = parts;

    public override Formula Negate() => new Conjunction([.. Parts.Select(part => part.Negate())]);
}
