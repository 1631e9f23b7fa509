namespace Llama2.Templating;

/// <summary>What <c>namespace()</c> gives: variables that outlive the loop they are set in.</summary>
internal sealed class NamespaceValue : TemplateValue
{
    private readonly Dictionary<string, TemplateValue> _variables = new(StringComparer.Ordinal);

    public override string TypeName => "Namespace";

    public override bool IsTrue => true;

    public TemplateValue? Find(string name) => _variables.GetValueOrDefault(name);

    public void Set(string name, TemplateValue value) => _variables[name] = value;
}
