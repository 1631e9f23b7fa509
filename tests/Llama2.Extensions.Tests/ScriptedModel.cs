using System.Reflection;

namespace Llama2.Extensions.Tests;

/// <summary>A model whose chat sessions answer everything with the same updates, and which is another model in all else.</summary>
public class ScriptedModel : DispatchProxy
{
    private object? _inner;
    private GenerationUpdate[] _updates = [];

    public static ILlamaModel Create(ILlamaModel inner, params GenerationUpdate[] updates) => Create<ILlamaModel>(inner, updates);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? result = targetMethod!.Name == nameof(IChatSession.SendAsync) ? _updates.ToAsyncEnumerable() : targetMethod.Invoke(_inner, args);
        return result is IChatSession session ? Create<IChatSession>(session, _updates) : result;
    }

    private static T Create<T>(T inner, GenerationUpdate[] updates)
        where T : class
    {
        T scripted = Create<T, ScriptedModel>();
        var proxy = (ScriptedModel)(object)scripted;
        (proxy._inner, proxy._updates) = (inner, updates);
        return scripted;
    }
}
