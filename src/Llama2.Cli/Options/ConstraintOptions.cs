using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>
/// The options for constraints, in the order in which the help lists them. A constraint says what form a generated text must have. Only one
/// constraint may be given.
/// </summary>
/// <param name="readsInput">Whether the schema can be read from standard input.</param>
internal sealed class ConstraintOptions(bool readsInput)
{
    private readonly Option<bool> _anyJson = new("--any-json") { Description = "The text is JSON of any kind." };

    private readonly Option<string?> _schema = new("--json-schema")
    {
        Description = $"The text is JSON that fits the JSON schema in FILE{(readsInput ? ", or - for standard input" : "")}; 'llama2 constraint check' reports whether a schema is supported.",
        HelpName = "FILE",
    };

    private readonly Option<JsonWhiteSpace?> _whiteSpace = ChoiceOption.Create<JsonWhiteSpace>(
        "--white-space", "KIND", "The white space of the JSON. Default: spaced, as {\"a\": [1, 2]}");

    private readonly Option<string?> _grammar = new("--grammar") { Description = "The text matches the grammar in FILE, in llama.cpp's notation GBNF.", HelpName = "FILE" };

    private readonly Option<string?> _regex = new("--regex") { Description = "The whole text matches this regular expression.", HelpName = "PATTERN" };

    private readonly TextsOption _choice = new(
        "--choice", "The text is one of the texts that are given with this option; may be given several times.",
        texts => texts.Length == 0 ? "" : OutputConstraint.Choice(texts));

    public IReadOnlyList<Option> All => [_anyJson, _schema, _whiteSpace, _grammar, _regex, _choice.Option];

    private Option[] Kinds => [_anyJson, _schema, _grammar, _regex, _choice.Option];

    /// <summary>Whether the schema is read from standard input.</summary>
    public bool UsesInput(SymbolResult result) => result.GetValue(_schema) == "-";

    /// <summary>Checks that the options fit together. A validator of the command calls this.</summary>
    /// <param name="result">The command line.</param>
    public void Check(CommandResult result)
    {
        _choice.Check(result);
        Option[] given = [.. Kinds.Where(option => result.GetResult(option) is not null)];
        if (given.Length > 1)
            result.AddError($"{given[0].Name} and {given[1].Name}: a text can have only one constraint; give one of them.");
        bool isJson = result.GetResult(_anyJson) is not null || result.GetResult(_schema) is not null;
        if (result.GetResult(_whiteSpace) is not null && !isJson)
            result.AddError("--white-space is for --json-schema and --any-json; give one of them.");
        if (UsesInput(result) && !readsInput)
            result.AddError("--json-schema: standard input is read for something else; give a file.");
    }

    /// <summary>Checks that no constraint is given together with an option that determines the form of the text itself.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="other">That option.</param>
    public void CheckAlone(CommandResult result, Option other)
    {
        if (result.GetResult(other) is not null && Array.Find(Kinds, option => result.GetResult(option) is not null) is { } given)
            result.AddError($"{other.Name} and {given.Name}: both determine the form of an answer; give one of them.");
    }

    /// <summary>
    /// Returns the constraint; null if none is given. The file of the constraint is read here, so that an error in it is found before a model is
    /// loaded.
    /// </summary>
    /// <exception cref="CommandException">The file does not exist, or it is not text.</exception>
    /// <exception cref="OutputConstraintException">The constraint cannot be used.</exception>
    public async Task<OutputConstraint?> ReadAsync(ParseResult result, ConsoleHost host, CancellationToken cancellationToken)
    {
        JsonWhiteSpace whiteSpace = result.GetValue(_whiteSpace) ?? JsonWhiteSpace.Spaced;
        if (result.GetValue(_anyJson))
            return OutputConstraint.Json(whiteSpace);
        if (result.GetValue(_schema) is string schema)
            return await SchemaFile.ReadAsync(schema, whiteSpace, host, cancellationToken).ConfigureAwait(false);
        if (result.GetValue(_grammar) is string grammar)
            return OutputConstraint.Grammar(await TextFile.ReadAsync(InputPath.Require(grammar), cancellationToken).ConfigureAwait(false));
        if (result.GetValue(_regex) is string pattern)
            return OutputConstraint.Regex(pattern);
        return _choice.Read(result) is string[] choices ? OutputConstraint.Choice(choices) : null;
    }
}
