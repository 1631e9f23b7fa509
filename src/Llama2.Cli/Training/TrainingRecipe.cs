using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>
/// A recipe is a file with the arguments and options of <c>llama2 train</c> under their names. It is converted to arguments, so that each option is read
/// and checked in one place. Values on the command line replace those of the recipe.
/// </summary>
internal sealed class TrainingRecipe
{
    private const string ModelKey = "model", DataKey = "data";

    // Options of which only one can be given. Such an option on the command line also replaces the others in the recipe.
    private static readonly string[][] s_alternatives = [["--output", "--preview", "--find-rate"], ["--validation", "--validation-data"], ["--resume", "--extend"]];

    // Names of options in the files of LLaMA-Factory, axolotl and PEFT that spelling does not suggest.
    private static readonly Dictionary<string, string> s_otherNames = new(StringComparer.Ordinal)
    {
        ["additional_target"] = "save-modules",
        ["lora_modules_to_save"] = "save-modules",
        ["modules_to_save"] = "save-modules",
        ["peft_trainable_token_indices"] = "train-tokens",
        ["trainable_token_indices"] = "train-tokens",
    };

    private readonly string _path;
    private readonly Command _command;
    private readonly IReadOnlyList<RecipeEntry> _entries;
    private readonly IReadOnlyList<RecipeEntry> _used;
    private readonly ParseResult _given;

    /// <summary>Reads a recipe and checks its values.</summary>
    /// <param name="path">The recipe.</param>
    /// <param name="given">The arguments that follow it on the command line.</param>
    /// <param name="command">The command <c>train</c>.</param>
    /// <exception cref="CommandException">The recipe is malformed, names an unknown option, or has a value that an option does not take.</exception>
    /// <exception cref="IOException">The recipe cannot be read.</exception>
    public TrainingRecipe(string path, IReadOnlyList<string> given, Command command)
    {
        (_path, _command) = (path, command);
        _entries = RecipeReader.Read(path);
        foreach (RecipeEntry entry in _entries)
        {
            Check(entry);
        }

        _given = command.Parse(given);
        _used = [.. _entries.Where(entry => !IsReplaced(entry))];
        Arguments = Expand(given);
    }

    /// <summary>The arguments of the recipe and the command line together, without the name of the command.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>Whether an argument is the name of a recipe.</summary>
    public static bool IsRecipe(string argument) => Path.GetExtension(argument).ToUpperInvariant() is ".YAML" or ".YML";

    /// <summary>
    /// Adds the line of the recipe to the message of an error about one of its values, or about one of its options. Errors in the content of a file that the
    /// recipe names have lines of their own.
    /// </summary>
    public string Locate(string message)
    {
        // A message that quotes the value and names the option is about this entry. A message that only quotes the value is more likely about it than one that
        // only names the option.
        RecipeEntry? entry = _used.Where(entry => Quotes(message, entry) || IndexOf(entry, message) >= 0)
            .MinBy(entry => ((Quotes(message, entry) ? 0 : 2) + (IndexOf(entry, message) >= 0 ? 0 : 1), IndexOf(entry, message)));
        bool isOfContent = entry is not null && Texts(entry).Any(text => message.StartsWith($"'{text}', line ", StringComparison.Ordinal) || message.StartsWith($"'{text}', row ", StringComparison.Ordinal));
        return entry is null || isOfContent ? message : Sentence(entry, message);
    }

    private string[] Expand(IReadOnlyList<string> given)
    {
        IEnumerable<string> options = _used.Where(entry => entry.Key is not (ModelKey or DataKey)).SelectMany(Tokens);
        string? model = _entries.FirstOrDefault(entry => entry.Key == ModelKey) is { } named ? Resolve(named.Values[0], isModel: true) : null;
        string[] data = [.. _entries.FirstOrDefault(entry => entry.Key == DataKey)?.Values.Select(file => Resolve(file, isModel: false)) ?? []];
        IEnumerable<string> more = _given.GetResult("--data") is null ? data.Skip(1).Select(file => $"--data={file}") : [];
        int argumentCount = _command.Arguments.Count(argument => _given.GetResult(argument) is { Tokens.Count: > 0 });
        return (argumentCount, model, data) switch
        {
            (0, null, _) => throw new CommandException($"The recipe '{_path}' names no model: add 'model: FILE' to it, or name model and data after the recipe."),
            (0, _, []) => throw new CommandException($"The recipe '{_path}' names no data: add 'data: FILE' to it, or name the data after the recipe."),
            (0, _, _) => [model, data[0], .. options, .. more, .. given],
            (1, null, not []) => [.. given, data[0], .. options, .. more],
            (1, not null, []) => [model, .. given, .. options],
            (1, not null, _) => throw new CommandException($"The recipe '{_path}' names a model and data: to use others, name both after the recipe."),
            _ => [.. given, .. options],
        };
    }

    private bool IsReplaced(RecipeEntry entry)
    {
        if (entry.Key is ModelKey or DataKey)
        {
            return false;
        }

        string name = OptionOf(entry).Name;
        string[] replacing = Array.Find(s_alternatives, names => names.Contains(name)) ?? [name];
        return replacing.Any(other => _given.GetResult(other) is OptionResult { Implicit: false });
    }

    private void Check(RecipeEntry entry)
    {
        if (entry.Key == DataKey)
        {
            CheckWeights(entry);
            return;
        }

        Option? option = entry.Key == ModelKey ? null : OptionOf(entry);
        if (entry.Values.Count > (option?.Arity.MaximumNumberOfValues ?? 1))
        {
            throw Fault(entry, Invariant($"{entry.Values.Count:N0} values are given, and it takes one; keep one"));
        }

        if (option is null)
        {
            return;
        }

        if (IsFlag(option) && !bool.TryParse(entry.Values[0], out _))
        {
            throw Fault(entry, $"'{PrintableText.Shorten(entry.Values[0], 40)}' is not true or false; write one of them");
        }

        CheckValue(entry, option);
    }

    // Parses the command with this option alone, and reads its value. Errors of the whole command, such as other options that this one needs, do not
    // concern the entry.
    private void CheckValue(RecipeEntry entry, Option option)
    {
        bool isPurpose = s_alternatives[0].Contains(option.Name);
        ParseResult result = _command.Parse([ModelKey, DataKey, .. Tokens(entry), .. isPurpose ? (string[])[] : ["--preview"]]);
        try
        {
            _ = ((OptionResult?)result.GetResult(option))?.GetValueOrDefault<object?>();
        }
        catch (InvalidOperationException exception)
        {
            throw Fault(entry, exception.Message);
        }

        if (result.Errors.FirstOrDefault(error => (error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult)?.Option == option) is { } error)
        {
            throw Fault(entry, OptionFault.Describe(error));
        }
    }

    private void CheckWeights(RecipeEntry entry)
    {
        try
        {
            foreach (string file in entry.Values)
            {
                WeightedFile.Parse(Resolve(file, isModel: false));
            }
        }
        catch (CommandException exception)
        {
            throw Fault(entry, exception.Message);
        }
    }

    private Option OptionOf(RecipeEntry entry)
    {
        if (_command.Options.FirstOrDefault(option => option.Name == $"--{entry.Key}") is { } found)
        {
            return found;
        }

        IEnumerable<string> keys = _command.Options.Select(option => option.Name.TrimStart('-')).Concat([ModelKey, DataKey]);
        string meant = (s_otherNames.GetValueOrDefault(entry.Key) ?? Suggestion.Find(entry.Key, keys)) is { } similar ? $"; did you mean '{similar}'?" : "";
        throw new CommandException(PrintableText.SingleLine(Invariant($"The recipe '{_path}', line {entry.Line}: there is no option '{PrintableText.Shorten(entry.Key, 80)}'{(meant.Length > 0 ? meant : "; 'llama2 train --help' lists the options.")}")));
    }

    private IEnumerable<string> Tokens(RecipeEntry entry)
    {
        Option option = OptionOf(entry);
        return option.ValueType == typeof(bool)
            ? bool.Parse(entry.Values[0]) ? [option.Name] : []
            : Values(entry).Select(value => $"{option.Name}={value}");
    }

    private IEnumerable<string> Values(RecipeEntry entry)
    {
        string? kind = entry.Key switch { ModelKey => "MODEL", DataKey => "FILE", _ => OptionOf(entry).HelpName };
        return kind is "FILE" or "FOLDER" or "MODEL" or "PATH" or "PATH[=SCALE]" ? entry.Values.Select(value => Resolve(value, kind == "MODEL")) : entry.Values;
    }

    // What messages may quote: a value, and its part before the weight, scale, rank or other name after the equals sign.
    private IEnumerable<string> Texts(RecipeEntry entry) => Values(entry).SelectMany(value => value.LastIndexOf('=') is > 0 and var index ? [value, value[..index]] : (string[])[value]);

    // The index at which a message names the option of an entry; -1 if it does not.
    private static int IndexOf(RecipeEntry entry, string message)
    {
        string name = $"--{entry.Key}";
        int index = message.IndexOf(name, StringComparison.Ordinal);
        while (index >= 0 && index + name.Length < message.Length && (char.IsAsciiLetterOrDigit(message[index + name.Length]) || message[index + name.Length] == '-'))
        {
            index = message.IndexOf(name, index + 1, StringComparison.Ordinal);
        }

        return index;
    }

    // Relative paths are relative to the recipe's folder. The name of a pulled model has the form of a path, too.
    private string Resolve(string path, bool isModel)
    {
        string resolved = Path.Combine(Path.GetDirectoryName(_path) ?? "", path);
        return isModel && !Path.Exists(resolved) && LlamaModelReference.TryParse(path, out _) ? path : resolved;
    }

    private static bool IsFlag(Option option) => option.ValueType == typeof(bool) || option.ValueType == typeof(bool?);

    private CommandException Fault(RecipeEntry entry, string what) => new(PrintableText.SingleLine(Sentence(entry, what)));

    private string Sentence(RecipeEntry entry, string what)
    {
        string named = IndexOf(entry, what) >= 0 && Quotes(what, entry) ? "" : $", '{entry.Key}: {PrintableText.Shorten(string.Join(", ", entry.Values), 80)}'";
        string remedy = what.StartsWith("There is no file '", StringComparison.Ordinal) ? "; correct the name, which is relative to the recipe's folder" : "";
        return Invariant($"The recipe '{_path}', line {entry.Line}{named}: {what.TrimEnd('.')}{remedy}.");
    }

    private bool Quotes(string message, RecipeEntry entry) => Texts(entry).Any(text => message.Contains($"'{text}'", StringComparison.Ordinal));
}
