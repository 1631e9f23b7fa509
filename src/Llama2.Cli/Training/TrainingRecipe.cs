using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>
/// A recipe is a file with the arguments and options of <c>llama2 train</c> under their names. It is converted to arguments, so that each option is read
/// and checked in one place. What is given on the command line takes the place of the recipe's.
/// </summary>
internal sealed class TrainingRecipe
{
    private const string ModelKey = "model", DataKey = "data";

    // Options of which only one can be given. One of the command line also takes the place of the recipe's others.
    private static readonly string[][] s_alternatives = [["--output", "--preview", "--find-rate"], ["--validation", "--validation-data"], ["--resume", "--extend"]];

    private readonly string _path;
    private readonly Command _command;
    private readonly IReadOnlyList<RecipeEntry> _entries;

    private TrainingRecipe(string path, Command command)
    {
        (_path, _command) = (path, command);
        _entries = RecipeReader.Read(path);
        foreach (RecipeEntry entry in _entries.Where(entry => entry.Key is not (ModelKey or DataKey)))
        {
            Check(entry);
        }
    }

    /// <summary>Whether an argument is the name of a recipe.</summary>
    public static bool IsRecipe(string argument) => Path.GetExtension(argument).ToUpperInvariant() is ".YAML" or ".YML";

    /// <summary>Converts a recipe, and the arguments that follow it on the command line, to arguments.</summary>
    /// <param name="path">The recipe.</param>
    /// <param name="given">The arguments that follow it.</param>
    /// <param name="command">The command <c>train</c>.</param>
    /// <returns>The arguments, without the name of the command.</returns>
    /// <exception cref="CommandException">The recipe is malformed, names an unknown option, or has a value that an option does not take.</exception>
    /// <exception cref="IOException">The recipe cannot be read.</exception>
    public static string[] Expand(string path, IReadOnlyList<string> given, Command command) => new TrainingRecipe(path, command).Expand(given);

    private string[] Expand(IReadOnlyList<string> given)
    {
        ParseResult result = _command.Parse(given);
        IEnumerable<string> options = _entries.Where(entry => entry.Key is not (ModelKey or DataKey) && !IsReplaced(entry, result)).SelectMany(Tokens);
        string? model = _entries.FirstOrDefault(entry => entry.Key == ModelKey) is { } named ? Resolve(One(named), isModel: true) : null;
        string[] data = [.. _entries.FirstOrDefault(entry => entry.Key == DataKey)?.Values.Select(file => Resolve(file, isModel: false)) ?? []];
        IEnumerable<string> more = result.GetResult("--data") is null ? data.Skip(1).Select(file => $"--data={file}") : [];
        int argumentCount = _command.Arguments.Count(argument => result.GetResult(argument) is { Tokens.Count: > 0 });
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

    private string One(RecipeEntry entry) => entry.Values.Count == 1 ? entry.Values[0] : throw Fault(entry, $"'{entry.Key}' takes one value");

    private bool IsReplaced(RecipeEntry entry, ParseResult result)
    {
        string name = OptionOf(entry).Name;
        string[] replacing = Array.Find(s_alternatives, names => names.Contains(name)) ?? [name];
        return replacing.Any(other => result.GetResult(other) is OptionResult { Implicit: false });
    }

    // Parses the command with this option alone, and reads its value. Errors of the whole command, such as other options that this one needs, do not
    // concern the entry.
    private void Check(RecipeEntry entry)
    {
        Option option = OptionOf(entry);
        if (IsFlag(option) && !(entry.Values is [var value] && bool.TryParse(value, out _)))
        {
            throw Fault(entry, $"'{entry.Key}' is true or false");
        }

        if (entry.Values.Count > option.Arity.MaximumNumberOfValues)
        {
            throw Fault(entry, $"'{entry.Key}' takes one value");
        }

        var result = (OptionResult?)_command.Parse([ModelKey, DataKey, .. Tokens(entry)]).GetResult(option);
        try
        {
            _ = result?.GetValueOrDefault<object?>();
        }
        catch (InvalidOperationException exception)
        {
            throw Fault(entry, exception.Message.TrimEnd('.'));
        }
    }

    private Option OptionOf(RecipeEntry entry)
    {
        if (_command.Options.FirstOrDefault(option => option.Name == $"--{entry.Key}") is { } found)
        {
            return found;
        }

        IEnumerable<string> keys = _command.Options.Select(option => option.Name.TrimStart('-')).Concat([ModelKey, DataKey]);
        string meant = Suggestion.Find(entry.Key, keys) is { } similar ? $"; did you mean '{similar}'?" : "";
        throw Fault(entry, $"there is no option '{PrintableText.Shorten(entry.Key, 80)}'{meant}");
    }

    private IEnumerable<string> Tokens(RecipeEntry entry)
    {
        Option option = OptionOf(entry);
        bool isPath = option.HelpName is "FILE" or "FOLDER" or "MODEL" or "PATH" or "PATH[=SCALE]";
        return option.ValueType == typeof(bool)
            ? bool.Parse(entry.Values[0]) ? [option.Name] : []
            : entry.Values.Select(value => $"{option.Name}={(isPath ? Resolve(value, option.HelpName == "MODEL") : value)}");
    }

    // Relative paths are relative to the recipe's folder. The name of a pulled model has the form of a path, too.
    private string Resolve(string path, bool isModel)
    {
        string resolved = Path.Combine(Path.GetDirectoryName(_path) ?? "", path);
        return isModel && !Path.Exists(resolved) && LlamaModelReference.TryParse(path, out _) ? path : resolved;
    }

    private static bool IsFlag(Option option) => option.ValueType == typeof(bool) || option.ValueType == typeof(bool?);

    private CommandException Fault(RecipeEntry entry, string what) =>
        new(PrintableText.SingleLine(Invariant($"The recipe '{_path}', line {entry.Line}: {what}{(what.EndsWith('?') ? "" : ".")}")));
}
