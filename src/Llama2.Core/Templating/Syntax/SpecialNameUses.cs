using System.Runtime.InteropServices;
using Llama2.Templating.Values;

namespace Llama2.Templating.Syntax;

/// <summary>
/// Records which special names are used by each macro whose body is being parsed. As in jinja2, a macro uses a name if the macro's body reads the name before
/// it sets a variable or declares a parameter with that name. The order of the source counts. The contents of blocks do not count.
/// </summary>
internal sealed class SpecialNameUses
{
    // The bodies around the current token, beginning with the outermost one.
    private readonly List<Body> _bodies = [];
    private int _blockStart;

    /// <summary>Called when a name is read.</summary>
    public void Read(string name)
    {
        foreach (ref Body body in CollectionsMarshal.AsSpan(_bodies)[_blockStart..])
            body.Used |= Of(name) & ~body.Declared;
    }

    /// <summary>Called when a variable is set or a parameter is declared.</summary>
    public void Declare(string name)
    {
        foreach (ref Body body in CollectionsMarshal.AsSpan(_bodies)[_blockStart..])
            body.Declared |= Of(name);
    }

    /// <summary>Called when a macro's body begins.</summary>
    public void EnterBody() => _bodies.Add(default);

    /// <summary>Called when a body ends; returns the names that the body uses.</summary>
    public SpecialNames LeaveBody()
    {
        SpecialNames used = _bodies[^1].Used;
        _bodies.RemoveAt(_bodies.Count - 1);
        return used;
    }

    /// <summary>Called when a block begins; returns the argument for <see cref="LeaveBlock"/>.</summary>
    public int EnterBlock()
    {
        int outer = _blockStart;
        _blockStart = _bodies.Count;
        return outer;
    }

    /// <summary>Called when the block ends.</summary>
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
