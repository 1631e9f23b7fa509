using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>The syntax of the target of an assignment.</summary>
/// <param name="Offset">The offset of the target in the template, for messages.</param>
internal abstract record Target(int Offset)
{
    public sealed record Variable(int Offset, string Name) : Target(Offset);

    /// <summary>An attribute of a namespace.</summary>
    public sealed record Attribute(int Offset, string Namespace, TextValue Name) : Target(Offset);

    /// <summary>Targets to which the items of a value are assigned, one item to each target.</summary>
    public sealed record Several(int Offset, Target[] Parts) : Target(Offset);
}
