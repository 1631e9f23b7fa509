namespace Llama2.Templating;

/// <summary>
/// Unknown filters and tests that a template uses. Within <c>if</c> and conditional expressions jinja2 looks them up when they
/// are used; elsewhere it refuses the template, even where they are never used. So what is found in an <c>if</c> is forgotten when the parser
/// leaves it, and any others are an error.
/// </summary>
internal sealed class UnknownNames
{
    private readonly List<PromptTemplateException> _faults = [];

    /// <summary>How many have been found; what is found later comes behind it.</summary>
    public int Count => _faults.Count;

    public void Add(PromptTemplateException fault) => _faults.Add(fault);

    /// <summary>Forgets those behind a count.</summary>
    public void Forget(int count) => _faults.RemoveRange(count, _faults.Count - count);

    /// <exception cref="PromptTemplateException">There is one behind a count.</exception>
    public void Refuse(int count)
    {
        if (_faults.Count > count)
            throw _faults[count];
    }
}
