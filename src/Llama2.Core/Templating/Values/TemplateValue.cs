namespace Llama2.Templating.Values;

/// <summary>
/// A value in a template. The kinds are closed: what is not one of them cannot be reached, so there is nothing of the host to get hold of.
/// All are immutable but <see cref="NamespaceValue"/> and <see cref="LoopValue"/>, which live as long as one rendering.
/// </summary>
internal abstract class TemplateValue
{
    private protected TemplateValue()
    {
    }

    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether <c>if</c> takes it for true.</summary>
    public abstract bool IsTrue { get; }

    /// <summary>Levels of lists and dicts in it; 0 for a scalar.</summary>
    public virtual int Depth => 0;

    public bool IsUndefined => this is UndefinedValue;
}
