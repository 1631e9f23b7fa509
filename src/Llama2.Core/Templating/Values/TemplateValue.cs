namespace Llama2.Templating.Values;

/// <summary>
/// A value in a template. The set of kinds is closed: templates cannot reach any other object, so they have no access to the host. All are immutable
/// except <see cref="NamespaceValue"/> and <see cref="LoopValue"/>, which exist only during one rendering.
/// </summary>
internal abstract class TemplateValue
{
    private protected TemplateValue()
    {
    }

    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether it counts as true in a condition.</summary>
    public abstract bool IsTrue { get; }

    /// <summary>The nesting depth of lists and dicts in it; 0 for a scalar.</summary>
    public virtual int Depth => 0;

    public bool IsUndefined => this is UndefinedValue;
}
