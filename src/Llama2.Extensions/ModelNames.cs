namespace Llama2.Extensions;

/// <summary>What a model may be called.</summary>
internal static class ModelNames
{
    /// <summary>What responses and telemetry call a model: the name it is given, or its file's name for it, or its file's own.</summary>
    public static string Choose(string? given, ILlamaModel model) => All(given, model).FirstOrDefault() ?? LlamaTelemetry.ProviderName;

    /// <summary>Every name by which a request may ask for the model, first the one that responses have.</summary>
    public static IEnumerable<string> All(string? given, ILlamaModel model) =>
        new[] { given, model.Configuration.Name, Path.GetFileNameWithoutExtension((model as LlamaModel)?.Path) }.OfType<string>().Where(name => name.Length > 0);

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
