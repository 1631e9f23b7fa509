namespace Llama2.Extensions.Routing;

/// <summary>The model and the adapter that the name in a request refers to.</summary>
/// <param name="Target">The model.</param>
/// <param name="Adapter">The name of the model's adapter; null if the request chooses none.</param>
internal sealed record ModelRoute(RoutedModel Target, string? Adapter)
{
    public string Name => NameOf(Target.Name, Adapter);

    public static string NameOf(string model, string? adapter) => adapter is null ? model : $"{model}:{adapter}";
}
