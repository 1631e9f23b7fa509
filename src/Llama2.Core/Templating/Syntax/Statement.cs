using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>The syntax of a tag with its contents, or of text between tags.</summary>
/// <param name="Offset">The offset of the tag or text in the template, for messages.</param>
internal abstract record Statement(int Offset)
{
    public sealed record Text(int Offset, TextValue Value) : Statement(Offset);

    /// <summary><c>{{ value }}</c>, or <c>print value</c>.</summary>
    public sealed record Output(int Offset, Expression Value) : Statement(Offset);

    /// <summary>An <c>if</c> and all of its <c>elif</c> parts; the part after <c>else</c> may be empty.</summary>
    public sealed record If(int Offset, Branch[] Branches, Statement[] Else) : Statement(Offset);

    /// <summary><c>for target in items if filter recursive</c></summary>
    public sealed record For(
        int Offset, Target Target, Expression Items, Expression? Filter, bool IsRecursive, Statement[] Body, Statement[] Else) : Statement(Offset);

    /// <summary><c>set target = value</c></summary>
    public sealed record Set(int Offset, Target Target, Expression Value) : Statement(Offset);

    /// <summary><c>set target</c> … <c>endset</c></summary>
    public sealed record SetBlock(int Offset, Target Target, Suffix[] Filters, Statement[] Body) : Statement(Offset);

    /// <summary><c>with name = value, …</c> … <c>endwith</c></summary>
    public sealed record With(int Offset, KeyValuePair<Target, Expression>[] Variables, Statement[] Body) : Statement(Offset);

    /// <summary><c>filter name</c> … <c>endfilter</c></summary>
    public sealed record FilterBlock(int Offset, Suffix[] Filters, Statement[] Body) : Statement(Offset);

    /// <summary><c>generation</c>: marks the assistant's text for training. Here, only its body is rendered.</summary>
    public sealed record Generation(int Offset, Statement[] Body) : Statement(Offset);

    /// <summary>
    /// <c>block</c>: since templates cannot extend each other, only its body is rendered. Without <c>scoped</c>, the body sees only the template's
    /// global variables.
    /// </summary>
    public sealed record Block(int Offset, bool IsScoped, Statement[] Body) : Statement(Offset);

    /// <summary><c>autoescape condition</c> … <c>endautoescape</c></summary>
    public sealed record Autoescape(int Offset, Expression Condition, Statement[] Body) : Statement(Offset);

    public sealed record Macro(int Offset, MacroBody Definition) : Statement(Offset);

    /// <summary><c>call(parameters) macro(…)</c> … <c>endcall</c></summary>
    public sealed record CallBlock(int Offset, MacroBody Caller, Expression Callee, Suffix.Call Call) : Statement(Offset);

    public sealed record Break(int Offset) : Statement(Offset);

    public sealed record Continue(int Offset) : Statement(Offset);

    /// <summary>A tag that refers to another template. There are no other templates, so executing it is an error.</summary>
    public sealed record OtherTemplate(int Offset, string Tag) : Statement(Offset);

    /// <summary>A condition, and the body that is rendered if the condition is true.</summary>
    public readonly record struct Branch(Expression Condition, Statement[] Body);

    /// <summary>A macro's parameter, with its default.</summary>
    public readonly record struct Parameter(string Name, Expression? Default);

    /// <summary>A macro, or the body that a call block passes to its macro: the signature, the default of each parameter, and the statements.</summary>
    public readonly record struct MacroBody(MacroSignature Signature, Expression?[] Defaults, Statement[] Body);
}
