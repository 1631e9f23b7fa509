namespace Llama2.Extensions.Routing;

/// <summary>Finds the model, and the adapter, that a name in a request refers to. Names are compared without regard to case. Immutable.</summary>
internal sealed class RouteTable
{
    private readonly Dictionary<string, ModelRoute> _routes = new(StringComparer.OrdinalIgnoreCase);
    private readonly ModelRoute? _default;

    /// <param name="options">The router's options, which were validated.</param>
    public RouteTable(LlamaRouterOptions options)
    {
        Models = [.. options.Models.Select(model => new RoutedModel(model.Key, model.Value))];
        foreach (RoutedModel model in Models)
        {
            _routes.Add(model.Name, new ModelRoute(model, null));
            foreach (string adapter in model.Options.Adapters.Keys)
                _routes.TryAdd(ModelRoute.NameOf(model.Name, adapter), new ModelRoute(model, adapter));
        }

        foreach ((string alias, string name) in options.Aliases)
        {
            ModelRoute route = _routes[name];
            _routes.Add(alias, route);
            route.Target.Aliases.Add(alias);
        }

        // A model can also be requested by the name of its file, which users know. Whole names come first, so that no other file's shortened name hides them.
        AddFileNames(Path.GetFileName);
        AddFileNames(Path.GetFileNameWithoutExtension);
        _default = options.DefaultModel is { } chosen ? _routes[chosen] : Models is [var only] ? new ModelRoute(only, null) : null;
    }

    /// <summary>The models, in the order of the options.</summary>
    public IReadOnlyList<RoutedModel> Models { get; }

    // If the options give a file's name to a model, or if two models have files of the same name, the file's name is not added.
    private void AddFileNames(Func<string, string> nameOf)
    {
        foreach (IGrouping<string, RoutedModel> sameFile in Models.GroupBy(model => nameOf(model.Options.ModelPath), StringComparer.OrdinalIgnoreCase))
        {
            if (sameFile.Key.Length > 0 && sameFile.Count() == 1)
                _routes.TryAdd(sameFile.Key, new ModelRoute(sameFile.Single(), null));
        }
    }

    /// <summary>Finds the model and the adapter that a name refers to.</summary>
    /// <param name="name">The name; null for the default model.</param>
    /// <exception cref="LlamaModelNotFoundException">There is no such model, or none is named and there is no default.</exception>
    public ModelRoute Find(string? name) =>
        (name is null ? _default : _routes.GetValueOrDefault(name)) ?? throw new LlamaModelNotFoundException(name, [.. Models.Select(model => model.Name)]);
}
