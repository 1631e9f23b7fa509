namespace Llama2.Templating;

/// <summary>The syntax of a tag with what it encloses, or of text between tags.</summary>
/// <param name="Offset">Where in the template it is, for messages.</param>
internal abstract record Statement(int Offset)
{
    public sealed record Text(int Offset, TextValue Value) : Statement(Offset);

    /// <summary><c>{{ value }}</c></summary>
    public sealed record Output(int Offset, Expression Value) : Statement(Offset);

    /// <summary><c>if</c> and all its <c>elif</c>; <c>else</c> may be empty.</summary>
    public sealed record If(int Offset, Branch[] Branches, Statement[] Else) : Statement(Offset);

    /// <summary><c>for targets in items if filter</c>; of several targets, each takes a part of an item.</summary>
    public sealed record For(
        int Offset, string[] Targets, Expression Items, Expression? Filter, Statement[] Body, Statement[] Else) : Statement(Offset);

    /// <summary><c>set names = value</c></summary>
    public sealed record Set(int Offset, Variable[] Targets, Expression Value) : Statement(Offset);

    /// <summary><c>set name</c> … <c>endset</c></summary>
    public sealed record SetBlock(int Offset, Variable Target, Suffix[] Filters, Statement[] Body) : Statement(Offset);

    /// <summary><c>filter name</c> … <c>endfilter</c></summary>
    public sealed record FilterBlock(int Offset, Suffix[] Filters, Statement[] Body) : Statement(Offset);

    /// <summary><c>generation</c>: marks the assistant's words for training; here its body is all it gives.</summary>
    public sealed record Generation(int Offset, Statement[] Body) : Statement(Offset);

    public sealed record Macro(int Offset, string Name, Parameter[] Parameters, Statement[] Body) : Statement(Offset);

    /// <summary><c>call(parameters) macro(…)</c> … <c>endcall</c></summary>
    public sealed record CallBlock(int Offset, Parameter[] Parameters, Expression Callee, Suffix.Call Call, Statement[] Body) : Statement(Offset);

    public sealed record Break(int Offset) : Statement(Offset);

    public sealed record Continue(int Offset) : Statement(Offset);

    /// <summary>A condition and what is rendered if it holds.</summary>
    public readonly record struct Branch(Expression Condition, Statement[] Body);

    /// <summary>A variable, or an attribute of a namespace.</summary>
    public readonly record struct Variable(string Name, string? Attribute, int Offset);

    /// <summary>A macro's parameter, with its default.</summary>
    public readonly record struct Parameter(string Name, Expression? Default);
}
