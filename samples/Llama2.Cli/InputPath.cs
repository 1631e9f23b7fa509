using System.CommandLine;

namespace Llama2.Cli;

/// <summary>Files that a command reads.</summary>
internal static class InputPath
{
    public static Argument<string> Argument(string name, string description)
    {
        var argument = new Argument<string>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            // The parser takes an option that it does not know for the first argument; a file of such a name can be given as ./-name.
            if (result.Tokens is [var token, ..] && token.Value.StartsWith('-'))
            {
                result.AddError($"Unrecognized option '{token.Value}'.");
            }
        });
        return argument;
    }

    /// <summary>Gives the path back if there is a file or folder, as models are.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static string RequireModel(string path) => Directory.Exists(path) ? path : Require(path);

    /// <summary>Gives the path back if there is a file.</summary>
    /// <exception cref="CommandException">There is none, or a folder.</exception>
    public static string Require(string path) =>
        Directory.Exists(path) ? throw new CommandException($"'{path}' is a folder; name a file.")
        : path.Length == 0 || !Path.Exists(path) ? throw new CommandException($"There is no file '{path}'.")
        : path;
}
