namespace Llama2.Templating.Values;

/// <summary>What a name or key that does not exist gives: empty when printed, an error when used.</summary>
internal sealed class UndefinedValue : TemplateValue
{
    private readonly string _reason;
    private readonly string? _name;

    /// <param name="reason">What is missing, as the error says it.</param>
    public UndefinedValue(string reason) => _reason = reason;

    private UndefinedValue(string reason, string name)
    {
        _reason = reason;
        _name = name;
    }

    /// <summary>What is missing, as the error says it. A name is put into it when it is asked for, which is seldom.</summary>
    public string Reason => _name is null ? _reason : _reason.Replace("{}", $"'{ShortenedName.Of(_name)}'", StringComparison.Ordinal);

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    /// <summary>What a name gives that no variable has.</summary>
    public static UndefinedValue OfVariable(string name) => new("{} is undefined", name);

    /// <summary>A parameter without a default that got no argument.</summary>
    public static UndefinedValue OfParameter(string name) => new("parameter {} was not provided", name);
}
