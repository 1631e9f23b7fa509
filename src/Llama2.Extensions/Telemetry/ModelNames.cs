namespace Llama2.Extensions.Telemetry;

/// <summary>The names of a model.</summary>
internal static class ModelNames
{
    /// <summary>
    /// All names by which a request may refer to a model. They are the name from the options, the name that the model's file states, and the file
    /// name; if none of these exists, the only name is <c>llama2</c>. The first name that exists is used in responses and telemetry.
    /// </summary>
    public static string[] All(string? given, ILlamaModel model) =>
    [
        .. new[] { given, model.Configuration.Name, Path.GetFileNameWithoutExtension(model.Path) }
            .OfType<string>()
            .Where(name => name.Length > 0)
            .DefaultIfEmpty(LlamaTelemetry.ProviderName)
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Throws if a request names another model.</summary>
    /// <exception cref="ArgumentException">The name is not one of the model's names.</exception>
    public static void Check(string? modelId, IReadOnlyList<string> names, string optionsName)
    {
        if (modelId is not null && !names.Contains(modelId, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"{optionsName}.ModelId is '{modelId}'; this model is {string.Join(", also called ", names.Select(name => $"'{name}'"))}. Ask the other model's own service, or leave the property null.",
                nameof(modelId));
        }
    }
}
