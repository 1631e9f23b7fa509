using System.Runtime.InteropServices;
using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>
/// Which special names each macro uses whose body is being parsed. As in jinja2, a macro uses a name if its body, in the source's order, reads it
/// before it sets a variable or declares a parameter of that name; what stands in a block does not count.
/// </summary>
internal sealed class SpecialNameUses
{
    // The bodies around the current token, from the outside.
    private readonly List<Body> _bodies = [];
    private int _blockStart;

    /// <summary>A name is read.</summary>
    public void Read(string name)
    {
        foreach (ref Body body in CollectionsMarshal.AsSpan(_bodies)[_blockStart..])
            body.Used |= Of(name) & ~body.Declared;
    }

    /// <summary>A variable is set, or a parameter declared.</summary>
    public void Declare(string name)
    {
        foreach (ref Body body in CollectionsMarshal.AsSpan(_bodies)[_blockStart..])
            body.Declared |= Of(name);
    }

    /// <summary>A macro's body begins.</summary>
    public void EnterBody() => _bodies.Add(default);

    /// <summary>It ends; gives the names that it uses.</summary>
    public SpecialNames LeaveBody()
    {
        SpecialNames used = _bodies[^1].Used;
        _bodies.RemoveAt(_bodies.Count - 1);
        return used;
    }

    /// <summary>A block begins; gives what <see cref="LeaveBlock"/> takes.</summary>
    public int EnterBlock()
    {
        int outer = _blockStart;
        _blockStart = _bodies.Count;
        return outer;
    }

    /// <summary>It ends.</summary>
    public void LeaveBlock(int outer) => _blockStart = outer;

    private static SpecialNames Of(string name) => name switch
    {
        "caller" => SpecialNames.Caller,
        "varargs" => SpecialNames.Positional,
        "kwargs" => SpecialNames.Keywords,
        _ => SpecialNames.None,
    };

    private record struct Body(SpecialNames Used, SpecialNames Declared);
}
