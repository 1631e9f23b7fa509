using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>The parameters of a macro, or of the body of a call block, and how arguments are bound to them.</summary>
internal sealed class MacroSignature
{
    private readonly Dictionary<string, int> _indices;

    /// <param name="name">The macro's name; null for the body of a call block.</param>
    /// <param name="parameterNames">The macro's parameters.</param>
    /// <param name="uses">Which of the special names the macro's body uses.</param>
    public MacroSignature(string? name, string[] parameterNames, SpecialNames uses)
    {
        Name = name;
        ParameterNames = parameterNames;
        _indices = parameterNames.Select(KeyValuePair.Create).ToDictionary(StringComparer.Ordinal);
        // A parameter with the name varargs or kwargs is an ordinary parameter.
        Uses = uses & ~((_indices.ContainsKey("varargs") ? SpecialNames.Positional : 0) | (_indices.ContainsKey("kwargs") ? SpecialNames.Keywords : 0));
    }

    public string? Name { get; }

    public string[] ParameterNames { get; }

    public SpecialNames Uses { get; }

    /// <summary>Whether the macro receives <c>caller</c> in addition to its parameters.</summary>
    public bool TakesCaller => Uses.HasFlag(SpecialNames.Caller) && !_indices.ContainsKey("caller");

    /// <summary>
    /// Binds arguments as jinja2 does. Returns the arguments in the order of the parameters, with null for each parameter that has no argument. The
    /// other named arguments and the argument <c>caller</c> are returned separately.
    /// </summary>
    public TemplateValue?[] Bind(RenderContext context, CallArguments arguments, out List<KeyValuePair<TextValue, TemplateValue>> keywords, out TemplateValue? caller)
    {
        context.Step((4L * ParameterNames.Length) + arguments.Positional.Length + ((long)DictionaryValue.EntryStepCount * arguments.Keywords.Length));
        var bound = new TemplateValue?[ParameterNames.Length];
        int count = Math.Min(arguments.Positional.Length, bound.Length);
        Array.Copy(arguments.Positional, bound, count);
        caller = null;
        keywords = [];
        foreach (KeyValuePair<TextValue, TemplateValue> keyword in arguments.Keywords)
        {
            context.ChargeScan(keyword.Key.Text.Length);
            if (_indices.TryGetValue(keyword.Key.Text, out int index) && index >= count)
                bound[index] = keyword.Value;
            else if (keyword.Key.Text == "caller" && TakesCaller)
                caller = keyword.Value;
            else
                keywords.Add(keyword);
        }

        if (keywords.Count > 0 && !Uses.HasFlag(SpecialNames.Keywords))
        {
            string names = ParameterNames.Length == 0 ? "it takes none" : $"it takes {string.Join(", ", ParameterNames.Take(20))}";
            throw context.Fault($"{Description} has no parameter '{ShortenedName.Of(keywords[0].Key.Text)}'", names);
        }

        if (arguments.Positional.Length > bound.Length && !Uses.HasFlag(SpecialNames.Positional))
            throw context.Fault($"{Description} is given {arguments.Positional.Length} arguments", $"it takes at most {bound.Length}");
        return bound;
    }

    /// <summary>The attributes of a macro that a template can read.</summary>
    public TemplateValue? Find(string name) => name switch
    {
        "name" => Name is null ? NoneValue.Instance : TextValue.Own(Name),
        "arguments" => ListValue.Tuple([.. ParameterNames.Select(TextValue.Own)]),
        "catch_kwargs" => BooleanValue.Of(Uses.HasFlag(SpecialNames.Keywords)),
        "catch_varargs" => BooleanValue.Of(Uses.HasFlag(SpecialNames.Positional)),
        "caller" => BooleanValue.Of(Uses.HasFlag(SpecialNames.Caller)),
        "explicit_caller" => BooleanValue.Of(_indices.ContainsKey("caller")),
        _ => null,
    };

    private string Description => Name is null ? "the caller" : $"macro '{Name}'";
}
