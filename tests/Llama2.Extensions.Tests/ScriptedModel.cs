using System.Reflection;

namespace Llama2.Extensions.Tests;

/// <summary>A model that generates the same updates after any prompt, and is another model in all else.</summary>
public class ScriptedModel : DispatchProxy
{
    private ILlamaModel? _inner;
    private GenerationUpdate[] _updates = [];

    public static ILlamaModel Create(ILlamaModel inner, params GenerationUpdate[] updates)
    {
        ILlamaModel scripted = Create<ILlamaModel, ScriptedModel>();
        var proxy = (ScriptedModel)(object)scripted;
        (proxy._inner, proxy._updates) = (inner, updates);
        return scripted;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        => targetMethod!.Name == nameof(ILlamaModel.GenerateAsync) ? _updates.ToAsyncEnumerable() : targetMethod.Invoke(_inner, args);
}
