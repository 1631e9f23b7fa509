namespace Llama2.Templating;

/// <summary>The values that something is called with.</summary>
internal sealed class CallArguments(TemplateValue[] positional, KeyValuePair<string, TemplateValue>[] keywords)
{
    public static CallArguments None { get; } = new([], []);

    public TemplateValue[] Positional => positional;

    public KeyValuePair<string, TemplateValue>[] Keywords => keywords;

    /// <summary>The arguments without the first positional one.</summary>
    public CallArguments Rest => new(positional[1..], keywords);

    /// <summary>One value for each parameter, null for one that was not given.</summary>
    /// <exception cref="PromptTemplateException">There are too many, or of other names, or one comes twice.</exception>
    public TemplateValue?[] Bind(RenderContext context, string function, params ReadOnlySpan<string> parameters)
    {
        if (positional.Length > parameters.Length)
            throw context.Fault($"{function} is given {positional.Length} arguments", $"it takes at most {parameters.Length}");
        var bound = new TemplateValue?[parameters.Length];
        positional.CopyTo(bound, 0);
        foreach ((string name, TemplateValue value) in keywords)
        {
            int index = parameters.IndexOf(name);
            if (index < 0)
                throw context.Fault($"{function} has no parameter '{name}'", parameters.Length == 0 ? "it takes none" : $"it takes {string.Join(", ", parameters)}");
            if (bound[index] is not null)
                throw context.Fault($"{function} is given '{name}' twice");
            bound[index] = value;
        }

        return bound;
    }
}
