using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>The value of a name or key that does not exist: empty when printed, an error when used. In a strict dialect, printing is an error too.</summary>
internal sealed class UndefinedValue : TemplateValue
{
    private readonly string _reason;
    private readonly string? _name;

    /// <param name="reason">What is missing, as stated in the error.</param>
    public UndefinedValue(string reason) => _reason = reason;

    private UndefinedValue(string reason, string name)
    {
        _reason = reason;
        _name = name;
    }

    /// <summary>What is missing, as stated in the error. A name is inserted only when the text is requested, which is rare.</summary>
    public string Reason => _name is null ? _reason : _reason.Replace("{}", $"'{ShortenedName.Of(_name)}'", StringComparison.Ordinal);

    /// <summary>
    /// Whether the value can be printed even in a strict dialect. As in jinja2, this is the case for the value of a conditional expression without an
    /// else part.
    /// </summary>
    public bool IsLenient { get; init; }

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    /// <summary>Returns the result of an operation on the value, unless the dialect of the template allows no operation.</summary>
    /// <exception cref="PromptTemplateException">The dialect is strict.</exception>
    public T RefuseIfStrict<T>(RenderContext context, T result) => IsStrictIn(context) ? throw context.Fault(Reason) : result;

    /// <summary>Whether the dialect of the template allows no operation on the value.</summary>
    public bool IsStrictIn(RenderContext context) => context.IsStrict && !IsLenient;

    /// <summary>The value of a name that belongs to no variable.</summary>
    public static UndefinedValue OfVariable(string name) => new("{} is undefined", name);

    /// <summary>The value of a parameter that has no default and received no argument.</summary>
    public static UndefinedValue OfParameter(string name) => new("parameter {} was not provided", name);
}
