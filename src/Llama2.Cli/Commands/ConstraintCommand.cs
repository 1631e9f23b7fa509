using System.CommandLine;
using Llama2.Cli.Constraints;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 constraint</c>: checks JSON schemas for constrained output, tests them with texts, and measures how fast they are applied.</summary>
internal sealed class ConstraintCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 constraint check schema.json --tokenizer tokenizer.model
          llama2 constraint test schema.json --jsonl answers.jsonl --tokenizer model.gguf
          llama2 constraint bench maskbench.jsonl --tokenizer tokenizer.model --json
        """;

    private const int MaxNoticeLength = 400;

    private const string TokenizerHelp = "The vocabulary: a model in any form, SentencePiece's tokenizer.model, Hugging Face's tokenizer.json or llama2.c's tokenizer.bin.";

    private readonly Argument<string> _schema = InputPath.Argument("SCHEMA", "A file with a JSON schema, or - for standard input.");

    private readonly Argument<string> _tests = InputPath.Argument("FILE", "One object {\"name\":…,\"schema\":…,\"tests\":[{\"data\":…,\"valid\":true}]} per line.");

    private readonly Option<string?> _optionalTokenizer = new("--tokenizer") { Description = $"{TokenizerHelp} With it, the minimum length in tokens is shown.", HelpName = "MODEL" };

    private readonly Option<string> _tokenizer = new("--tokenizer") { Description = TokenizerHelp, HelpName = "MODEL", Required = true };

    private readonly Option<string> _texts = new("--jsonl")
    {
        Description = "One JSON value per line. Each value is tested in the form that Python's json.dumps writes, with its members in the order of the file.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Writes one JSON object, which also states how long masks take to compute." };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No faults on standard error." };

    public Command Create()
    {
        var check = new Command("check", "Checks whether a JSON schema is supported; if not, exits with 1 and names the keyword and its path.") { _schema, _optionalTokenizer, _json };
        check.SetAction(CheckAsync);
        var test = new Command("test", "Tests texts with a JSON schema, token by token as in a generation. Exits with 1 if any text is refused.") { _schema, _texts, _tokenizer, _json };
        test.SetAction(TestAsync);
        var bench = new Command(
            "bench",
            "Runs tests of many JSON schemas on one thread, and measures them. All tests are run once before they are timed, so that the JIT has compiled everything.")
        {
            _tests, _tokenizer, _json, _quiet,
        };
        bench.SetAction(BenchAsync);
        return new Command("constraint", "Checks, tests and measures JSON schemas for 'generate --json-schema' and 'chat --json-schema'.") { check, test, bench };
    }

    private async Task<int> CheckAsync(ParseResult result, CancellationToken cancellationToken)
    {
        OutputConstraint constraint = await ReadSchemaAsync(result, cancellationToken).ConfigureAwait(false);
        int? minimum = result.GetValue(_optionalTokenizer) is string path ? constraint.FindMinTokenCount(LoadTokenizer(path)) : null;
        ConstraintReport.WriteSchema(constraint, minimum, result.GetValue(_json), host);
        return ExitCodes.Success;
    }

    private async Task<int> TestAsync(ParseResult result, CancellationToken cancellationToken)
    {
        OutputConstraint constraint = await ReadSchemaAsync(result, cancellationToken).ConfigureAwait(false);
        ModelTokenizer tokenizer = LoadTokenizer(result.GetRequiredValue(_tokenizer));
        var checker = new TextChecker(tokenizer);
        var results = new List<CheckedText>();
        await foreach (string text in JsonLines.ReadAsync(result.GetRequiredValue(_texts), PythonJson.Parse, cancellationToken).ConfigureAwait(false))
        {
            CheckedText checkedText = checker.Check(constraint, text);
            results.Add(checkedText);
            if (!result.GetValue(_json))
                ConstraintReport.WriteText(results.Count, checkedText, tokenizer, host.Output);
        }

        if (result.GetValue(_json))
            ConstraintReport.WriteTexts(results, checker.MaskMicroseconds, host.OutputStream);
        int refusedCount = results.Count(text => !text.IsAccepted);
        return refusedCount == 0
            ? ExitCodes.Success
            : throw new CommandException(Invariant($"{refusedCount:N0} of {results.Count:N0} texts {(refusedCount == 1 ? "does" : "do")} not fit the schema."));
    }

    private async Task<int> BenchAsync(ParseResult result, CancellationToken cancellationToken)
    {
        ModelTokenizer tokenizer = LoadTokenizer(result.GetRequiredValue(_tokenizer));
        List<SchemaTest> tests = await JsonLines.ReadAsync(result.GetRequiredValue(_tests), SchemaTest.Parse, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        bool isQuiet = result.GetValue(_quiet);
        SchemaBenchmark benchmark = await ProgressBar.RunAsync(
            host,
            "Testing schemas",
            (progress, notice) => Task.FromResult(SchemaBenchmark.Run(
                tests, tokenizer, progress, line => { if (!isQuiet) notice(PrintableText.Shorten(line, MaxNoticeLength)); }, cancellationToken))).ConfigureAwait(false);
        ConstraintReport.WriteBenchmark(benchmark, result.GetValue(_json), host);
        return ExitCodes.Success;
    }

    private Task<OutputConstraint> ReadSchemaAsync(ParseResult result, CancellationToken cancellationToken) =>
        SchemaFile.ReadAsync(result.GetRequiredValue(_schema), JsonWhiteSpace.Spaced, host, cancellationToken);

    private ModelTokenizer LoadTokenizer(string path) => ModelTokenizer.Load(InputPath.RequireModel(path, host));
}
