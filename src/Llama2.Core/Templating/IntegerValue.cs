namespace Llama2.Templating;

/// <summary>A whole number of 64 bits; arithmetic beyond them is an error.</summary>
internal sealed class IntegerValue : TemplateValue
{
    private static readonly IntegerValue[] s_small = [.. Enumerable.Range(0, 256).Select(value => new IntegerValue(value))];

    private IntegerValue(long value) => Value = value;

    public long Value { get; }

    public override string TypeName => "int";

    public override bool IsTrue => Value != 0;

    public static IntegerValue Of(long value) => (ulong)value < (ulong)s_small.Length ? s_small[value] : new IntegerValue(value);
}
