namespace Llama2.Templating.Values;

/// <summary>True or false; in arithmetic 1 or 0, as in Python.</summary>
internal sealed class BooleanValue : TemplateValue
{
    private static readonly BooleanValue s_true = new(true), s_false = new(false);

    private BooleanValue(bool value) => Value = value;

    public bool Value { get; }

    public override string TypeName => "bool";

    public override bool IsTrue => Value;

    public static BooleanValue Of(bool value) => value ? s_true : s_false;
}
