using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>The result of <c>namespace()</c>: variables that keep their values after the loop in which they are set.</summary>
internal sealed class NamespaceValue : TemplateValue
{
    private readonly OrderedDictionary<TemplateValue, KeyValuePair<TemplateValue, TemplateValue>> _variables = new(KeyComparer.Instance);

    public NamespaceValue(IEnumerable<KeyValuePair<TemplateValue, TemplateValue>> variables)
    {
        foreach (KeyValuePair<TemplateValue, TemplateValue> variable in variables)
            _variables[variable.Key] = variable;
    }

    public IReadOnlyList<KeyValuePair<TemplateValue, TemplateValue>> Entries => _variables.Values;

    public override string TypeName => "Namespace";

    public override bool IsTrue => true;

    public TemplateValue? Find(RenderContext context, TextValue name)
    {
        context.ChargeScan(name.Text.Length);
        return _variables.TryGetValue(name, out var variable) ? variable.Value : null;
    }

    public void Set(TextValue name, TemplateValue value) => _variables[name] = KeyValuePair.Create<TemplateValue, TemplateValue>(name, value);
}
