using Llama2.Cli.Terminal;

namespace Llama2.Cli.Input;

/// <summary>Reads a JSON schema.</summary>
internal static class SchemaFile
{
    /// <summary>Reads a schema from a file, or from standard input if the path is "-".</summary>
    /// <exception cref="CommandException">The file does not exist, or it is not text.</exception>
    /// <exception cref="OutputConstraintException">The schema cannot be used; the message names the place in the schema.</exception>
    public static async Task<OutputConstraint> ReadAsync(string path, JsonWhiteSpace whiteSpace, ConsoleHost host, CancellationToken cancellationToken)
    {
        string text = path == "-"
            ? await TextFile.ReadAsync(host.Input, "Standard input", cancellationToken).ConfigureAwait(false)
            : await TextFile.ReadAsync(InputPath.Require(path), cancellationToken).ConfigureAwait(false);
        return OutputConstraint.JsonSchema(text, whiteSpace);
    }
}
