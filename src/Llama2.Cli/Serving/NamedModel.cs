using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Serving;

/// <summary>A model that a server offers.</summary>
/// <param name="Name">The name by which requests choose the model.</param>
/// <param name="Text">The model's file or folder, or the name of a pulled model.</param>
internal sealed record NamedModel(string Name, string Text)
{
    private const int MaxNameLength = 128;

    /// <summary>
    /// Reads <c>MODEL</c> or <c>NAME=MODEL</c>. Without a name, the model has the name of its file without the extension, the name of its folder, or the name
    /// under which it was pulled.
    /// </summary>
    /// <exception cref="CommandException">The name is not valid, or the model is missing.</exception>
    public static NamedModel Parse(string text)
    {
        int separator = text.IndexOf('=', StringComparison.Ordinal);
        // A path may contain an equals sign.
        if (separator < 0 || Path.Exists(text))
            return new NamedModel(Check(NameOf(text), text), text);
        string model = text[(separator + 1)..];
        return model.Length > 0
            ? new NamedModel(Check(text[..separator], text), model)
            : throw new CommandException($"'{PrintableText.Shorten(text, 80)}' has no model after the equals sign; write NAME=MODEL.");
    }

    /// <summary>Reads the models of a command line.</summary>
    /// <exception cref="CommandException">A name is not valid, or two models have the same name.</exception>
    public static NamedModel[] ParseAll(IEnumerable<string> texts)
    {
        NamedModel[] models = [.. texts.Select(Parse)];
        string? twice = models.GroupBy(model => model.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? models : throw new CommandException($"Two models have the name '{twice}'; give one of them another name: NAME=MODEL.");
    }

    /// <summary>The model's file or folder.</summary>
    /// <exception cref="CommandException">There is no such file or folder, and no pulled model with this name.</exception>
    public string RequirePath(ConsoleHost host) => InputPath.RequireModel(Text, host);

    private static string NameOf(string text) =>
        Directory.Exists(text) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(text)))
        : File.Exists(text) || !LlamaModelReference.TryParse(text, out _) ? Path.GetFileNameWithoutExtension(text)
        : text;

    private static string Check(string name, string text) =>
        name.Length is > 0 and <= MaxNameLength && !name.Any(character => char.IsControl(character) || char.IsWhiteSpace(character))
            ? name
            : throw new CommandException(
                $"'{PrintableText.Shorten(text, 80)}': the model's name must have 1 to {MaxNameLength} characters and no white space; write NAME=MODEL.");
}
