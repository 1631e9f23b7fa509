namespace Llama2.Templating;

/// <summary>A number of double precision.</summary>
internal sealed class DoubleValue(double value) : TemplateValue
{
    public double Value => value;

    public override string TypeName => "float";

    public override bool IsTrue => value != 0;
}
