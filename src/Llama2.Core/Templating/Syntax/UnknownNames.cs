namespace Llama2.Templating.Syntax;

/// <summary>
/// Unknown filters and tests that a template uses. Within <c>if</c> statements and conditional expressions, jinja2 looks up such names only when they
/// are used; elsewhere it refuses the template, even if the names are never used. Therefore the names that are found in an <c>if</c> are removed when
/// the parser leaves the <c>if</c>, and any other names are an error.
/// </summary>
internal sealed class UnknownNames
{
    private readonly List<Func<PromptTemplateException>> _faults = [];

    /// <summary>The number of names found so far; later names are added at the end.</summary>
    public int Count => _faults.Count;

    /// <param name="makeFault">
    /// Creates the exception. It is called only if the exception is needed, because finding a line and column requires reading all text before them.
    /// </param>
    public void Add(Func<PromptTemplateException> makeFault) => _faults.Add(makeFault);

    /// <summary>Keeps the first <c>count</c> names, and removes all others.</summary>
    public void Forget(int count) => _faults.RemoveRange(count, _faults.Count - count);

    /// <exception cref="PromptTemplateException">There are more than <paramref name="count"/> names.</exception>
    public void Refuse(int count)
    {
        if (_faults.Count > count)
            throw _faults[count]();
    }
}
