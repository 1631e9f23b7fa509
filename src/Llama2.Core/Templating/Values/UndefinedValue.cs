namespace Llama2.Templating.Values;

/// <summary>The value of a name or key that does not exist: empty when printed, an error when used.</summary>
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

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    /// <summary>The value of a name that belongs to no variable.</summary>
    public static UndefinedValue OfVariable(string name) => new("{} is undefined", name);

    /// <summary>The value of a parameter that has no default and received no argument.</summary>
    public static UndefinedValue OfParameter(string name) => new("parameter {} was not provided", name);
}
