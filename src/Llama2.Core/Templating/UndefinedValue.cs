namespace Llama2.Templating;

/// <summary>What a name or key that does not exist gives: empty when printed, an error when used.</summary>
/// <param name="reason">What is missing, as the error says it.</param>
internal sealed class UndefinedValue(string reason) : TemplateValue
{
    public string Reason => reason;

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;
}
