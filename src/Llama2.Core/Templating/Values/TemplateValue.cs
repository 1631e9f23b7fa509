using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>
/// A value in a template. There are no other kinds of values than those in this library, so a template cannot reach any object of the application. All
/// values are immutable except namespaces, loops, cyclers, joiners and generators, which exist only during one rendering.
/// </summary>
internal abstract class TemplateValue
{
    private protected TemplateValue()
    {
    }

    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether the value counts as true in a condition.</summary>
    public abstract bool IsTrue { get; }

    /// <summary>The nesting depth of lists and dicts in the value; 0 for a scalar.</summary>
    public virtual int Depth => 0;

    /// <summary>Whether the value counts as true in a condition of a template.</summary>
    /// <exception cref="PromptTemplateException">The value is undefined, and the dialect of the template is strict.</exception>
    public bool IsTrueIn(RenderContext context) => this is UndefinedValue undefined ? undefined.RefuseIfStrict(context, false) : IsTrue;

    public bool IsUndefined => this is UndefinedValue;
}
