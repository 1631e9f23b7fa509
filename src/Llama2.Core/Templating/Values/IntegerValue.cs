using System.Numerics;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>An integer. As in Python, it has no fixed width; <see cref="TemplateLimits.MaxIntegerBitCount"/> limits its size.</summary>
internal sealed class IntegerValue : TemplateValue
{
    private static readonly IntegerValue[] s_small = [.. Enumerable.Range(0, 256).Select(value => new IntegerValue(value, isData: false))];

    private IntegerValue(BigInteger value, bool isData)
    {
        Value = value;
        IsData = isData;
    }

    public BigInteger Value { get; }

    /// <summary>Whether the integer's digits come from the conversation.</summary>
    public bool IsData { get; }

    public override string TypeName => "int";

    public override bool IsTrue => !Value.IsZero;

    public static IntegerValue Of(BigInteger value, bool isData = false) =>
        !isData && value >= 0 && value < s_small.Length ? s_small[(int)value] : new IntegerValue(value, isData);
}
