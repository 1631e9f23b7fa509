using System.CommandLine;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Input;

/// <summary>Files that a command reads.</summary>
internal static class InputPath
{
    /// <summary>A phrase for the help that says what <see cref="RequireModel"/> accepts.</summary>
    public const string AnyModel = "a GGUF file, a file or folder in another supported form, or the name of a pulled model";

    public static Argument<string> Argument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result => Suggestion.RefuseOption(result));
        return argument;
    }

    /// <summary>
    /// Returns a model's path: the argument itself if a file or folder has this path, otherwise the path of the pulled model with this name. The
    /// pulled model is marked as used.
    /// </summary>
    /// <exception cref="CommandException">There is no file or folder with this path, and no pulled model with this name.</exception>
    /// <exception cref="ModelStoreException">Several pulled models match.</exception>
    public static string RequireModel(string path, ConsoleHost host)
    {
        if (Path.Exists(path))
            return path;
        if (!LlamaModelReference.TryParse(path, out LlamaModelReference? reference))
            return Require(path);

        using var store = new LlamaModelStore(host.StoreOptions);
        StoredModel model = store.Find(reference)
            ?? throw new CommandException($"There is no file '{path}', and no pulled model of that name; 'llama2 list' shows the pulled models, and 'llama2 pull {path}' pulls it from the hub.");
        store.MarkUsed(model);
        return model.Path;
    }

    /// <summary>Returns the path if it is a file or a folder.</summary>
    /// <exception cref="CommandException">There is neither a file nor a folder with this path.</exception>
    public static string RequireFileOrFolder(string path) => Directory.Exists(path) ? path : Require(path);

    /// <summary>Returns the path if it is a file.</summary>
    /// <exception cref="CommandException">The path does not exist, or is a folder.</exception>
    public static string Require(string path) =>
        Directory.Exists(path) ? throw new CommandException($"'{path}' is a folder; name a file.")
        : path.Length == 0 || !Path.Exists(path) ? throw new CommandException($"There is no file '{path}'.")
        : path;
}
