using Llama2.Templating.Values;

namespace Llama2.Templating.Rendering;

/// <summary>The variables of a template, a loop, a macro or a captured block. Variables that are not found here are looked up in the outer scope.</summary>
internal sealed class Scope(Scope? outer)
{
    private Dictionary<string, TemplateValue>? _variables;

    public void Set(string name, TemplateValue value) => (_variables ??= new(StringComparer.Ordinal))[name] = value;

    /// <summary>Removes the variables, for the next iteration of a loop.</summary>
    public void Clear() => _variables?.Clear();

    /// <summary>Finds a variable by its name; null if there is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="scopeCount">The number of scopes that were searched. Each scope hashes the name again.</param>
    public TemplateValue? Find(string name, out int scopeCount)
    {
        scopeCount = 0;
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            scopeCount++;
            if (scope._variables is not null && scope._variables.TryGetValue(name, out TemplateValue? value))
                return value;
        }

        return null;
    }

    private Scope? Outer => outer;
}
