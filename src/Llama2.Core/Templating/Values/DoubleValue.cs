namespace Llama2.Templating.Values;

/// <summary>A number of double precision; it may be infinite or NaN, as in Python.</summary>
/// <param name="value">The number.</param>
/// <param name="isData">Whether the number's digits come from the conversation.</param>
internal sealed class DoubleValue(double value, bool isData = false) : TemplateValue
{
    public double Value => value;

    public bool IsData => isData;

    public override string TypeName => "float";

    public override bool IsTrue => value != 0;
}
