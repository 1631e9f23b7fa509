namespace Llama2.Templating.Syntax;

/// <summary>
/// Unknown filters and tests that a template uses. Within <c>if</c> and conditional expressions, jinja2 looks them up when they are used; elsewhere
/// it refuses the template, even if they are never used. Therefore names found in an <c>if</c> are removed when the parser leaves it, and any others
/// are an error.
/// </summary>
internal sealed class UnknownNames
{
    private readonly List<Func<PromptTemplateException>> _faults = [];

    /// <summary>The number of names found so far; later names are added at the end.</summary>
    public int Count => _faults.Count;

    /// <param name="makeFault">Creates the exception if it is needed, because determining a line and column requires reading all text before them.</param>
    public void Add(Func<PromptTemplateException> makeFault) => _faults.Add(makeFault);

    /// <summary>Removes all names after the first <c>count</c>.</summary>
    public void Forget(int count) => _faults.RemoveRange(count, _faults.Count - count);

    /// <exception cref="PromptTemplateException">There is a name after the first <c>count</c>.</exception>
    public void Refuse(int count)
    {
        if (_faults.Count > count)
            throw _faults[count]();
    }
}
