using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 generate</c>: continues a text, token by token, on standard output.</summary>
internal sealed class GenerateCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 generate model.gguf --prompt "Once upon a time" --max-tokens 200
          llama2 generate model.gguf --prompt "[INST] What sound does a cow make? [/INST]" --temperature 0
          llama2 generate model.gguf --prompt "Dear Anna," --seed 7 --stop "Yours" --quiet > letter.txt
          llama2 generate model.gguf --file chapter1.txt --max-tokens 500
          llama2 generate model.gguf --prompt "A person as JSON: " --json-schema person.json
          git log --oneline | llama2 generate model.gguf --max-tokens 50
        """;

    private readonly Argument<string> _model = InputPath.Argument("MODEL", $"The model: {InputPath.AnyModel}.");

    private readonly Option<string?> _prompt = new("--prompt", "-p")
    {
        Description = "The text to continue, used unchanged; may be empty. Without --prompt and --file, standard input is read if it is redirected; otherwise the model begins a new text.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _file = new("--file", "-f")
    {
        Description = "A file with the text to continue, in UTF-8, without the line break at its end.",
        HelpName = "PATH",
    };

    private readonly Option<int?> _maxTokens = MaxTokensOption.Create();

    private readonly SamplingOptions _sampling = new();

    private readonly ConstraintOptions _constraint = new(readsInput: true);

    private readonly LoadingOptions _loading = new();

    private readonly TextsOption _stop = StopOption.Create();

    private readonly Option<bool> _ignoreEnd = new("--ignore-eos") { Description = "Continues where the model would end its text." };

    private readonly Option<string[]> _adapters = AdapterOption.Create();

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no statistics on standard error." };

    public Command Create()
    {
        var command = new Command("generate", "Continues a text; writes only the new text and a line break to standard output.")
        {
            _model,
        };
        foreach (Option option in (Option[])[_prompt, _file, _maxTokens, .. _constraint.All, .. _sampling.All, _stop.Option, _adapters, .. _loading.All, _ignoreEnd, _quiet])
        {
            command.Add(option);
        }

        command.Validators.Add(CheckPrompt);
        command.Validators.Add(_constraint.Check);
        command.Validators.Add(_sampling.Check);
        command.Validators.Add(_stop.Check);
        command.SetAction(RunAsync);
        return command;
    }

    private void CheckPrompt(CommandResult result)
    {
        if (result.GetResult(_prompt) is not null && result.GetResult(_file) is not null)
        {
            result.AddError("--prompt and --file: only one text can be continued; give one of them.");
        }

        if (_constraint.UsesInput(result) && result.GetResult(_prompt) is null && result.GetResult(_file) is null)
        {
            result.AddError("--json-schema: standard input is the schema; give the text to continue with --prompt or --file.");
        }
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        bool isQuiet = result.GetValue(_quiet);
        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host), prompt = await ReadPromptAsync(result, cancellationToken).ConfigureAwait(false);
        OutputConstraint? constraint = await _constraint.ReadAsync(result, host, cancellationToken).ConfigureAwait(false);
        using LlamaModel model = await ModelLoading.LoadAsync(path, _loading.Read(result), host, isQuiet, cancellationToken).ConfigureAwait(false);
        GenerationOptions options = Options(result) with { Constraint = constraint, Adapters = AdapterOption.Load(result, _adapters, model, host, cancellationToken) };
        GenerationUpdate last = await GeneratedText.WriteAsync(
            model.GenerateAsync(prompt, options, cancellationToken), host, cancellationToken).ConfigureAwait(false);
        if (!isQuiet)
        {
            await host.Error.WriteLineAsync($"llama2: {GeneratedText.Cost(last.Usage!)}; {GeneratedText.End(last.FinishReason!.Value)}").ConfigureAwait(false);
        }

        return ExitCodes.Success;
    }

    private async Task<string> ReadPromptAsync(ParseResult result, CancellationToken cancellationToken)
    {
        if (result.GetValue(_prompt) is { } prompt)
            return prompt;
        if (result.GetValue(_file) is { } path)
            return WithoutLastLineBreak(await TextFile.ReadAsync(InputPath.Require(path), cancellationToken).ConfigureAwait(false));
        return host.IsInputTerminal ? "" : WithoutLastLineBreak(await TextFile.ReadAsync(host.Input, "Standard input", cancellationToken).ConfigureAwait(false));
    }

    // Editors and the command 'echo' add a line break at the end of a text. With this line break, a model would begin a new paragraph instead of
    // continuing the last one.
    private static string WithoutLastLineBreak(string text) => text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;

    private GenerationOptions Options(ParseResult result) => _sampling.Read(result) with
    {
        MaxTokens = result.GetValue(_maxTokens),
        StopSequences = _stop.Read(result) ?? [],
        IgnoreEndOfSequence = result.GetValue(_ignoreEnd),
    };
}
