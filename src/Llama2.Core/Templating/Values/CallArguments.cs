using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>The arguments of a call.</summary>
internal sealed class CallArguments(TemplateValue[] positional, KeyValuePair<TextValue, TemplateValue>[] keywords)
{
    public static CallArguments None { get; } = new([], []);

    public TemplateValue[] Positional => positional;

    /// <summary>The named arguments. No name occurs twice. A name is data if it comes from a dict of the conversation.</summary>
    public KeyValuePair<TextValue, TemplateValue>[] Keywords => keywords;

    /// <summary>The arguments that remain if the given number of positional arguments is removed from the front.</summary>
    public CallArguments Skip(int count) => count == 0 ? this : new(positional[count..], keywords);

    /// <summary>The arguments and one more named argument, which replaces an argument with the same name.</summary>
    public CallArguments With(string name, TemplateValue value) =>
        new(positional, [.. keywords.Where(keyword => keyword.Key.Text != name), KeyValuePair.Create(TextValue.Own(name), value)]);

    /// <summary>Binds the arguments: gives one value for each parameter, or null if the parameter has no argument.</summary>
    /// <param name="context">The rendering.</param>
    /// <param name="function">The called function, for messages.</param>
    /// <param name="requiredCount">The number of parameters, from the first on, that must be given.</param>
    /// <param name="parameters">The parameters' names.</param>
    /// <exception cref="PromptTemplateException">
    /// There are too many or too few arguments, an argument has an unknown name, or an argument is given twice.
    /// </exception>
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

    /// <summary>
    /// Binds the arguments of a function whose parameters have no names: gives one value for each parameter, or null if the parameter has no
    /// argument.
    /// </summary>
    /// <exception cref="PromptTemplateException">There are too many or too few arguments, or named arguments.</exception>
    public TemplateValue?[] BindPositional(RenderContext context, string function, int requiredCount, int count)
    {
        if (keywords.Length > 0)
            throw context.Fault($"{function} is given '{ShortenedName.Of(keywords[0].Key.Text)}' by name", "it takes only arguments without names");
        if (positional.Length > count || positional.Length < requiredCount)
            throw context.Fault($"{function} is given {positional.Length} arguments", requiredCount == count ? $"it takes {count}" : $"it takes from {requiredCount} to {count}");
        context.Step(positional.Length);
        var bound = new TemplateValue?[count];
        positional.CopyTo(bound, 0);
        return bound;
    }
}
