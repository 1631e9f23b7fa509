using Llama2.Templating.Filtering;
using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>A suffix of an expression, which is applied to the value of the expression before it.</summary>
/// <param name="Offset">The offset of the suffix in the template, for messages.</param>
internal abstract record Suffix(int Offset)
{
    /// <summary><c>.name</c></summary>
    public sealed record Member(int Offset, TextValue Name) : Suffix(Offset);

    /// <summary><c>[index]</c></summary>
    public sealed record Item(int Offset, Expression Index) : Suffix(Offset);

    /// <summary><c>[start:stop:step]</c></summary>
    public sealed record Slice(int Offset, Expression? Start, Expression? Stop, Expression? Step) : Suffix(Offset);

    /// <summary>A call, <c>(…)</c>, with its nesting depth: the number of brackets and blocks around its arguments, including its own brackets.</summary>
    public sealed record Call(int Offset, ArgumentList Arguments, int Depth) : Suffix(Offset);

    /// <summary>A filter, <c>| name(…)</c>. The function is null if the filter is unknown; using the filter is then an error.</summary>
    public sealed record Filter(int Offset, string Name, TemplateFunction? Function, ArgumentList Arguments) : Suffix(Offset);

    /// <summary>A test, <c>is name(…)</c> or <c>is not name(…)</c>. The function is null if the test is unknown; using the test is then an error.</summary>
    public sealed record Test(int Offset, string Name, TemplateTest? Function, ArgumentList Arguments, bool IsNegated) : Suffix(Offset);
}
