using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Something that can be called: a macro, a function of the environment, or a method with its receiver.</summary>
internal sealed class FunctionValue(string name, TemplateFunction function, TemplateValue? receiver = null) : TemplateValue
{
    private static readonly UndefinedValue s_noReceiver = new("there is no receiver");

    public string Name => name;

    /// <summary>A macro's parameters; null if the function is not a macro.</summary>
    public MacroSignature? Macro { get; init; }

    public override string TypeName => Macro is null ? "function" : "Macro";

    public override bool IsTrue => true;

    public TemplateValue Invoke(RenderContext context, CallArguments arguments) => function(context, receiver ?? s_noReceiver, arguments);
}
