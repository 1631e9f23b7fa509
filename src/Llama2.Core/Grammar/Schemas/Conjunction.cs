namespace Llama2.Grammar.Schemas;

/// <summary>A formula that holds if all parts hold. Without parts it holds for every value.</summary>
internal sealed class Conjunction(params Formula[] parts) : Formula
{
    public Formula[] Parts { get; } = parts;

    public override Formula Negate() => new Disjunction([.. Parts.Select(part => part.Negate())]);
}
