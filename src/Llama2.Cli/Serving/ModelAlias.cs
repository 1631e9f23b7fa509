using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Serving;

/// <summary>A further name of a model, or of a model with its adapter.</summary>
/// <param name="Alias">The further name.</param>
/// <param name="Name">The model, or <c>MODEL:ADAPTER</c>.</param>
internal sealed record ModelAlias(string Alias, string Name)
{
    /// <summary>Reads <c>ALIAS=NAME</c>.</summary>
    /// <exception cref="CommandException">The text has another form.</exception>
    public static ModelAlias Parse(string text) =>
        text.Split('=', 2) is [{ Length: > 0 } alias, { Length: > 0 } name]
            ? new ModelAlias(alias, name)
            : throw new CommandException($"'{PrintableText.Shorten(text, 80)}' is not an alias; write ALIAS=NAME.");

    /// <summary>Reads the aliases of a command line.</summary>
    /// <param name="texts">The aliases.</param>
    /// <param name="models">The models.</param>
    /// <param name="adapterPaths">The adapters of the only model.</param>
    /// <exception cref="CommandException">A text is not an alias, there is no such model, or a name is used twice.</exception>
    public static ModelAlias[] ParseAll(IEnumerable<string> texts, IReadOnlyList<NamedModel> models, IReadOnlyList<string> adapterPaths)
    {
        ModelAlias[] aliases = [.. texts.Select(Parse)];
        string[] names = [.. models.Select(model => model.Name), .. models.SelectMany(model => AdapterNames.Of(adapterPaths).Select(adapter => $"{model.Name}:{adapter}"))];
        foreach (ModelAlias alias in aliases)
        {
            if (!names.Contains(alias.Name, StringComparer.OrdinalIgnoreCase))
                throw new CommandException($"{alias} needs a model '{PrintableText.Shorten(alias.Name, 80)}', which is not served; the models are {string.Join(", ", names)}.");
            if (names.Contains(alias.Alias, StringComparer.OrdinalIgnoreCase))
                throw new CommandException($"{alias}: a model has the name '{PrintableText.Shorten(alias.Alias, 80)}' already; give the alias another name.");
            if (aliases.Count(other => other.Alias.Equals(alias.Alias, StringComparison.OrdinalIgnoreCase)) > 1)
                throw new CommandException($"{alias}: the alias '{PrintableText.Shorten(alias.Alias, 80)}' is given twice.");
        }

        return aliases;
    }

    /// <summary>The alias as it is written on the command line.</summary>
    public override string ToString() => $"'{PrintableText.Shorten($"{Alias}={Name}", 80)}'";
}
