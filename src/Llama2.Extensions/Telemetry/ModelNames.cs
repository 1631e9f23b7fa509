namespace Llama2.Extensions.Telemetry;

/// <summary>What a model may be called.</summary>
internal static class ModelNames
{
    /// <summary>
    /// Every name by which a request may ask for a model, first the one that responses and telemetry have: the name it is given, its file's
    /// name for it, the file's own.
    /// </summary>
    public static string[] All(string? given, ILlamaModel model) =>
    [
        .. new[] { given, model.Configuration.Name, Path.GetFileNameWithoutExtension(model.Path) }
            .OfType<string>()
            .Where(name => name.Length > 0)
            .DefaultIfEmpty(LlamaTelemetry.ProviderName)
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Refuses a request that asks for another model.</summary>
    /// <exception cref="ArgumentException">The name is not one of the model's.</exception>
    public static void Check(string? modelId, IReadOnlyList<string> names, string optionsName)
    {
        if (modelId is not null && !names.Contains(modelId, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"{optionsName}.ModelId is '{modelId}'; this is {string.Join(", also called ", names.Select(name => $"'{name}'"))}. Ask the other model's own service, or leave the property null.",
                nameof(modelId));
        }
    }
}
