namespace Llama2.Grammar.Schemas;

/// <summary>A formula that holds if at least one part holds. Without parts it holds for no value.</summary>
internal sealed class Disjunction(params Formula[] parts) : Formula
{
    public Formula[] Parts { get; } = parts;

    public override Formula Negate() => new Conjunction([.. Parts.Select(part => part.Negate())]);
}
