namespace Llama2.Templating.Syntax;

/// <summary>
/// Unknown filters and tests that a template uses. Within <c>if</c> and conditional expressions jinja2 looks them up when they
/// are used; elsewhere it refuses the template, even where they are never used. So what is found in an <c>if</c> is forgotten when the parser
/// leaves it, and any others are an error.
/// </summary>
internal sealed class UnknownNames
{
    private readonly List<Func<PromptTemplateException>> _faults = [];

    /// <summary>The number found so far; later ones are added after them.</summary>
    public int Count => _faults.Count;

    /// <param name="makeFault">Makes the error if it is one: a place's line and column take a look at all that stands before it.</param>
    public void Add(Func<PromptTemplateException> makeFault) => _faults.Add(makeFault);

    /// <summary>Removes all after the first <c>count</c>.</summary>
    public void Forget(int count) => _faults.RemoveRange(count, _faults.Count - count);

    /// <exception cref="PromptTemplateException">There is one after the first <c>count</c>.</exception>
    public void Refuse(int count)
    {
        if (_faults.Count > count)
            throw _faults[count]();
    }
}
