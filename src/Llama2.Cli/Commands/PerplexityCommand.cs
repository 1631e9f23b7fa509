using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;

namespace Llama2.Cli.Commands;

/// <summary>
/// <c>llama2 perplexity</c>: measures how well a model predicts a text. Perplexity has two common definitions; one or both are computed, and their
/// names are shown with the figures.
/// </summary>
internal sealed class PerplexityCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 perplexity model.gguf wiki.test.raw
          llama2 perplexity model.gguf wiki.test.raw --limit 20
          llama2 perplexity model.gguf wiki.test.raw --method rolling --json
          llama2 perplexity model.gguf letters.txt --adapter letters.gguf
        """;

    private readonly Argument<string> _model = InputPath.Argument("MODEL", $"The model: {InputPath.AnyModel}.");

    private readonly Argument<string> _text = InputPath.Argument("TEXT", "A file of UTF-8 text.");

    private readonly Option<string> _method = ChoiceOption.Create(
        "--method", "METHOD", "The definition: llama.cpp's (windows) or lm-evaluation-harness's (rolling)", ["windows", "rolling", "both"], isRequired: false, "windows");

    private readonly Option<int?> _window = NumberOption.Create<int>(
        "--window", "N", "Tokens of a window. Default: 512 for windows, the model's context for rolling.", AtLeastOne);

    private readonly Option<int?> _limit = NumberOption.Create<int>("--limit", "N", "Scores at most the first N windows; for --method windows.", AtLeastOne);

    private readonly Option<string[]> _adapters = AdapterOption.Create();

    private readonly Option<bool> _json = new("--json") { Description = "Writes one JSON object." };

    private readonly Option<int?> _threads = ModelLoading.ThreadsOption();

    private readonly Option<KeyValueCacheType?> _cacheType = ModelLoading.CacheTypeOption();

    public Command Create()
    {
        var command = new Command("perplexity", "Measures how well a model predicts a text; lower is better.")
        {
            _model, _text, _method, _window, _limit, _adapters, _json, _cacheType, _threads,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(_limit) is { Implicit: false } && result.GetResult(_method) is { Implicit: false, Errors: var errors } && !errors.Any() && result.GetValue(_method) == "rolling")
            {
                result.AddError("--limit is for --method windows.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static object AtLeastOne(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return count;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string path = InputPath.RequireModel(result.GetRequiredValue(_model), host);
        string text = await TextFile.ReadAsync(InputPath.Require(result.GetRequiredValue(_text)), cancellationToken).ConfigureAwait(false);
        string method = result.GetValue(_method) ?? "windows";
        int? window = result.GetValue(_window);
        var options = new LlamaModelOptions { ThreadCount = result.GetValue(_threads), KeyValueCacheType = result.GetValue(_cacheType) };
        using LlamaModel model = await ModelLoading.LoadAsync(path, options, host, isQuiet: false, cancellationToken).ConfigureAwait(false);
        var computation = new ComputationOptions { Adapters = AdapterOption.Load(result, _adapters, model, host, cancellationToken) };
        WindowedPerplexity? windowed = method == "rolling" ? null : await ProgressBar.RunAsync(
            host, isQuiet: false, "Scoring windows", progress => Perplexity.ComputeWindowedAsync(
                model, text, window ?? Perplexity.DefaultWindowLength, result.GetValue(_limit), computation, Fractions(progress), cancellationToken)).ConfigureAwait(false);
        RollingPerplexity? rolling = method == "windows" ? null : await ProgressBar.RunAsync(
            host, isQuiet: false, "Scoring all tokens", progress => Perplexity.ComputeRollingAsync(
                model, text, window, computation, Fractions(progress), cancellationToken)).ConfigureAwait(false);
        if (result.GetValue(_json))
        {
            WriteJson(windowed, rolling);
        }
        else
        {
            Write(windowed, rolling);
        }

        return ExitCodes.Success;
    }

    private static FractionProgress? Fractions(IProgress<double>? progress) => progress is null ? null : new FractionProgress(progress);

    private void Write(WindowedPerplexity? windowed, RollingPerplexity? rolling)
    {
        if (windowed is not null)
        {
            host.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"perplexity {windowed.Perplexity:F4} ± {windowed.StandardError:F4}  (as llama.cpp: the second half of each window of {windowed.WindowLength:N0} tokens; windows: {windowed.WindowCount:N0}, tokens scored: {windowed.ScoredTokenCount:N0})"));
        }

        if (rolling is not null)
        {
            host.Output.WriteLine("rolling, every token scored once (as lm-evaluation-harness):");
            Row("word perplexity", rolling.WordPerplexity, rolling.WordCount, "words");
            Row("byte perplexity", rolling.BytePerplexity, rolling.ByteCount, "bytes");
            Row("bits per byte", rolling.BitsPerByte, rolling.ByteCount, "bytes");
            Row("token perplexity", rolling.TokenPerplexity, rolling.TokenCount, "tokens");
        }

        void Row(string name, double value, long count, string unit) =>
            host.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-17}{value,12:F4}  ({count:N0} {unit})"));
    }

    private void WriteJson(WindowedPerplexity? windowed, RollingPerplexity? rolling)
    {
        using (var json = new Utf8JsonWriter(host.OutputStream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            if (windowed is not null)
            {
                json.WriteStartObject("windows");
                json.WriteNumber("perplexity", windowed.Perplexity);
                json.WriteNumber("standard_error", windowed.StandardError);
                json.WriteNumber("window_count", windowed.WindowCount);
                json.WriteNumber("window_length", windowed.WindowLength);
                json.WriteNumber("scored_token_count", windowed.ScoredTokenCount);
                json.WriteEndObject();
            }

            if (rolling is not null)
            {
                json.WriteStartObject("rolling");
                json.WriteNumber("word_perplexity", rolling.WordPerplexity);
                json.WriteNumber("byte_perplexity", rolling.BytePerplexity);
                json.WriteNumber("bits_per_byte", rolling.BitsPerByte);
                json.WriteNumber("token_perplexity", rolling.TokenPerplexity);
                json.WriteNumber("log_probability", rolling.LogProbability);
                json.WriteNumber("word_count", rolling.WordCount);
                json.WriteNumber("byte_count", rolling.ByteCount);
                json.WriteNumber("token_count", rolling.TokenCount);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        host.OutputStream.Write("\n"u8);
        host.OutputStream.Flush();
    }

    private sealed class FractionProgress(IProgress<double> fractions) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => fractions.Report(value.Fraction);
    }
}
