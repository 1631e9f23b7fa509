namespace Llama2.Grammar.Schemas;

/// <summary>A demand that cannot be enforced, on values of certain types. It is an error, unless other demands exclude these types.</summary>
internal sealed class Refusal(JsonTypes types, string path, string reason) : Constraint
{
    public JsonTypes Types { get; } = types;

    public string Path { get; } = path;

    public string Reason { get; } = reason;

    public override Shape Apply(Shape shape, ShapeContext context) => shape with { Refusals = shape.Refusals.Add(this) };

    public override Formula Negate() => Only(Types, this);
}
