using System.Diagnostics.CodeAnalysis;

namespace Llama2;

/// <content>Which format a model was tuned with.</content>
public sealed partial class PromptFormat
{
    /// <summary>
    /// The format of a loaded model: that of its chat template, or else the one that models of its name were published with; see
    /// <see cref="TryFindByName"/>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <exception cref="PromptFormatException">
    /// The file has no chat template, and its names (<c>general.name</c>, the file's own) are of no known model, or of models that differ.
    /// </exception>
    public static PromptFormat Detect(LlamaModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Detect(model.ChatTemplate, model.Configuration.Name, model.Path);
    }

    /// <inheritdoc cref="Detect(LlamaModel)"/>
    /// <summary>The format of a model's file, as <see cref="Detect(LlamaModel)"/> finds it.</summary>
    /// <param name="file">What the file says.</param>
    public static PromptFormat Detect(ModelFileInformation file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Detect(file.ChatTemplate, file.Configuration?.Name ?? "", file.Path);
    }

    /// <summary>Finds the format that a published model of some name was tuned with; docs/prompts.md lists the names.</summary>
    /// <param name="name">
    /// A model's name or a file's, such as <c>llama-2-7b-chat.Q4_K_M.gguf</c>; case does not matter, nor which punctuation there is.
    /// </param>
    /// <param name="format">The format, or null.</param>
    /// <returns>False if the name is of no known model, or of models of different formats.</returns>
    public static bool TryFindByName(string name, [NotNullWhen(true)] out PromptFormat? format)
    {
        ArgumentNullException.ThrowIfNull(name);
        PromptFormat[] found = [.. PublishedModels.FindFormats(name)];
        format = found.Length == 1 ? found[0] : null;
        return format is not null;
    }

    private static PromptFormat Detect(string? chatTemplate, string name, string path)
    {
        string fileName = Path.GetFileName(path);
        PromptFormat[] found = [.. PublishedModels.FindFormats(name).Concat(PublishedModels.FindFormats(fileName)).Distinct()];
        if (found.Length == 1)
            return found[0];

        string fault = found.Length == 0
            ? "neither is of a model whose prompt format is known"
            : $"they are of models of different formats ({string.Join(", ", found.Select(format => format.Name))})";
        throw new PromptFormatException(
            $"The model's file has no chat template, its name is '{name}' and the file is called '{fileName}': {fault}. Choose one of {nameof(PromptFormat)}'s: {string.Join(", ", Presets.Select(format => format.Name))}.");
    }
}
