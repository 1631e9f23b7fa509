using System.Diagnostics.CodeAnalysis;
using Llama2.Chat;
using Llama2.Templating.Rendering;
using Llama2.Templating.Syntax;

namespace Llama2;

// Detects the format with which a model was fine-tuned.
public sealed partial class PromptFormat
{
    /// <summary>
    /// Creates a format from a chat template in Jinja, as in Hugging Face's <c>tokenizer_config.json</c> and GGUF's <c>tokenizer.chat_template</c>.
    /// The template gets <c>messages</c>, <c>bos_token</c>, <c>eos_token</c>, <c>add_generation_prompt</c> and, if it supports them, <c>tools</c>; the
    /// template's own text is scaffolding, and the contents of messages and tools are data.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The tags that messages must not forge are found in the template's own text, and in the text that the template writes around messages of each role in
    /// short test conversations. These count as tags: tags of known formats, names in brackets, role names before a colon, lines that begin or end
    /// with a punctuation mark or symbol, and words that are the only text on their line. The stop sequences are the tags in the template's text that
    /// usually end a turn, such as <c>&lt;|im_end|&gt;</c>. If the vocabulary's file states that prompts have a begin-of-sequence token and the
    /// template does not begin with it, the token is added at the beginning.
    /// </para>
    /// <para>
    /// <see cref="Encode"/> throws <see cref="PromptTemplateException"/> if the template refuses a conversation or exceeds a limit, such as 1,000,000
    /// characters of rendered text. If the template does not write the messages' texts one after another, <see cref="SpecialTokenPolicy.Reject"/>
    /// cannot state which message contains a tag.
    /// </para>
    /// </remarks>
    /// <param name="chatTemplate">The template, at most 1,048,576 characters.</param>
    /// <param name="cancellationToken">Cancels the rendering of the test conversations.</param>
    /// <exception cref="PromptTemplateException">The template is malformed, or uses an unknown feature.</exception>
    /// <exception cref="PromptFormatException">The template has more than 256 tags.</exception>
    /// <exception cref="OperationCanceledException">The rendering was cancelled.</exception>
    public static PromptFormat ForTemplate(string chatTemplate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chatTemplate);
        var template = JinjaTemplate.Parse(chatTemplate);
        string[] stopSequences = [.. KnownTags.EndsOfTurn.Where(tag => chatTemplate.Contains(tag, StringComparison.Ordinal))];
        var probe = TemplateProbe.Create(template, cancellationToken);
        string[] tags = TemplateTags.Find(string.Join('\0', TemplateLiterals.Of(chatTemplate)), probe.Scaffolding);
        ToolFormat toolFormat = TemplateToolProbe.FindFormat(chatTemplate, template, cancellationToken) ?? (ToolFormat)ToolFormat.Json;
        return new PromptFormat("template", new TemplateLayout(template, probe.GenerationPrompt), tags, stopSequences, toolFormat);
    }

    /// <summary>
    /// Finds the format of a loaded model. This is the format of the model's chat template, or, if the model has none, the format of the published
    /// models with the same name; see <see cref="TryFindByName"/>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="cancellationToken">As in <see cref="ForTemplate"/>.</param>
    /// <exception cref="PromptFormatException">
    /// The file has no chat template. In addition, its names (<c>general.name</c> and the name of the file) belong to no known model, or to models
    /// with different formats.
    /// </exception>
    /// <exception cref="PromptTemplateException">The file's chat template is malformed, or uses an unknown feature.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static PromptFormat Detect(ILlamaModel model, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Detect(model.ChatTemplate, model.Configuration.Name, model.Path, cancellationToken);
    }

    /// <inheritdoc cref="Detect(ILlamaModel, CancellationToken)"/>
    /// <summary>The format of a model's file, detected as in <see cref="Detect(ILlamaModel, CancellationToken)"/>.</summary>
    /// <param name="file">The metadata of the file.</param>
    /// <param name="cancellationToken">As in <see cref="ForTemplate"/>.</param>
    public static PromptFormat Detect(ModelFileInformation file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Detect(file.ChatTemplate, file.Configuration?.Name ?? "", file.Path, cancellationToken);
    }

    /// <summary>Finds the format with which a published model of a given name was fine-tuned; docs/prompts.md lists the names.</summary>
    /// <param name="name">
    /// The name of a model or a file, such as <c>llama-2-7b-chat.Q4_K_M.gguf</c>; case and the kind of punctuation do not matter.
    /// </param>
    /// <param name="format">The format, or null.</param>
    /// <returns>False if no known model has this name, or if models with different formats have it.</returns>
    public static bool TryFindByName(string name, [NotNullWhen(true)] out PromptFormat? format)
    {
        ArgumentNullException.ThrowIfNull(name);
        PromptFormat[] found = [.. PublishedModels.FindFormats(name)];
        format = found.Length == 1 ? found[0] : null;
        return format is not null;
    }

    private static PromptFormat Detect(string? chatTemplate, string name, string? path, CancellationToken cancellationToken)
    {
        if (chatTemplate is not null)
            return ForTemplate(chatTemplate, cancellationToken);

        string fileName = Path.GetFileName(path) ?? "";
        PromptFormat[] found = [.. PublishedModels.FindFormats(name).Concat(PublishedModels.FindFormats(fileName)).Distinct()];
        if (found.Length == 1)
            return found[0];

        string fault = found.Length == 0
            ? "neither is the name of a model with a known prompt format"
            : $"they are names of models with different formats ({string.Join(", ", found.Select(format => format.Name))})";
        throw new PromptFormatException(
            $"The model's file has no chat template, its name is '{name}' and the file is called '{fileName}': {fault}. Name its format, one of {string.Join(", ", Presets.Select(format => format.Name))}.");
    }
}
