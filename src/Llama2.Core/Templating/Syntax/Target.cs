using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>The syntax of what a value is assigned to.</summary>
/// <param name="Offset">Where in the template it is, for messages.</param>
internal abstract record Target(int Offset)
{
    public sealed record Variable(int Offset, string Name) : Target(Offset);

    /// <summary>An attribute of a namespace.</summary>
    public sealed record Attribute(int Offset, string Namespace, TextValue Name) : Target(Offset);

    /// <summary>Targets that a value's items are assigned to, one to each.</summary>
    public sealed record Several(int Offset, Target[] Parts) : Target(Offset);
}
