using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>The values that something is called with.</summary>
internal sealed class CallArguments(TemplateValue[] positional, KeyValuePair<TextValue, TemplateValue>[] keywords)
{
    public static CallArguments None { get; } = new([], []);

    public TemplateValue[] Positional => positional;

    /// <summary>The arguments with names, no name twice. A name is data if it comes from a dict of the conversation.</summary>
    public KeyValuePair<TextValue, TemplateValue>[] Keywords => keywords;

    /// <summary>The arguments without the first positional ones.</summary>
    public CallArguments Skip(int count) => count == 0 ? this : new(positional[count..], keywords);

    /// <summary>The arguments and one more with a name, which takes the place of one that has the name already.</summary>
    public CallArguments With(string name, TemplateValue value) =>
        new(positional, [.. keywords.Where(keyword => keyword.Key.Text != name), KeyValuePair.Create(TextValue.Own(name), value)]);

    /// <summary>One value for each parameter, null for one that was not given.</summary>
    /// <param name="context">The rendering.</param>
    /// <param name="function">What is called, for messages.</param>
    /// <param name="requiredCount">How many of the parameters, from the first, must be given.</param>
    /// <param name="parameters">The parameters' names.</param>
    /// <exception cref="PromptTemplateException">There are too many or too few, or of other names, or one comes twice.</exception>
    public TemplateValue?[] Bind(RenderContext context, string function, int requiredCount, params ReadOnlySpan<string> parameters)
    {
        if (positional.Length > parameters.Length)
            throw context.Fault($"{function} is given {positional.Length} arguments", $"it takes at most {parameters.Length}");
        context.Step(positional.Length + keywords.Length);
        var bound = new TemplateValue?[parameters.Length];
        positional.CopyTo(bound, 0);
        foreach ((TextValue name, TemplateValue value) in keywords)
        {
            int index = parameters.IndexOf(name.Text);
            if (index < 0)
                throw context.Fault($"{function} has no parameter '{ShortenedName.Of(name.Text)}'", parameters.Length == 0 ? "it takes none" : $"it takes {string.Join(", ", parameters)}");
            if (bound[index] is not null)
                throw context.Fault($"{function} is given '{name.Text}' twice");
            bound[index] = value;
        }

        for (int i = 0; i < requiredCount; i++)
        {
            if (bound[i] is null)
                throw context.Fault($"{function} is not given '{parameters[i]}'", $"it takes {string.Join(", ", parameters)}");
        }

        return bound;
    }

    /// <summary>One value for each parameter of a function whose parameters have no names; null for one that was not given.</summary>
    /// <exception cref="PromptTemplateException">There are too many or too few, or some with names.</exception>
    public TemplateValue?[] BindPositional(RenderContext context, string function, int requiredCount, int count)
    {
        if (keywords.Length > 0)
            throw context.Fault($"{function} is given '{ShortenedName.Of(keywords[0].Key.Text)}' by its name", "its arguments have no names");
        if (positional.Length > count || positional.Length < requiredCount)
            throw context.Fault($"{function} is given {positional.Length} arguments", requiredCount == count ? $"it takes {count}" : $"it takes from {requiredCount} to {count}");
        context.Step(positional.Length);
        var bound = new TemplateValue?[count];
        positional.CopyTo(bound, 0);
        return bound;
    }
}
