using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 generate</c>: continues a text, token by token, on standard output.</summary>
internal sealed class GenerateCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 generate model.gguf --prompt "Once upon a time" --max-tokens 200
          llama2 generate model.gguf --prompt "[INST] What sound does a cow make? [/INST]" --temperature 0
          llama2 generate model.gguf --prompt "Dear Anna," --seed 7 --stop "Yours" --quiet > letter.txt
        """;

    private static readonly GenerationOptions s_defaults = new();

    private readonly Argument<string> _model = InputPath.Argument("MODEL", "The model: a GGUF file of the Llama family.");
    private readonly Option<int?> _threads = ModelLoading.ThreadsOption();
    private readonly Option<KeyValueCacheType?> _cacheType = ModelLoading.CacheTypeOption();

    private readonly Option<string> _prompt = new("--prompt", "-p")
    {
        Description = "The text to continue, taken as it is; may be empty.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<int?> _maxTokens = NumberOption.Create<int>(
        "--max-tokens", "N", "Most tokens to generate; else until the model ends its text or the context is full.",
        value => s_defaults with { MaxTokens = value }, null, "-n");

    private readonly Option<float?> _temperature = NumberOption.Create<float>(
        "--temperature", "T", "0 always takes the likeliest token; higher is more varied. 0 to 100.",
        value => s_defaults with { Temperature = value }, s_defaults.Temperature, "-t");

    private readonly Option<ulong?> _seed = NumberOption.Create<ulong>(
        "--seed", "S", "Starts the random draws: the same seed gives the same text. Else random.",
        value => s_defaults with { Seed = value }, null, "-s");

    private readonly Option<int?> _topK = NumberOption.Create<int>(
        "--top-k", "K", "Draws from the K likeliest tokens only; 0 from all.", value => s_defaults with { TopK = value }, s_defaults.TopK);

    private readonly Option<float?> _topP = NumberOption.Create<float>(
        "--top-p", "P", "Draws from the fewest tokens whose probabilities add up to P; 1 from all.", value => s_defaults with { TopP = value }, s_defaults.TopP);

    private readonly Option<float?> _minP = NumberOption.Create<float>(
        "--min-p", "P", "Draws from tokens at least P times as likely as the likeliest; 0 from all.", value => s_defaults with { MinP = value }, s_defaults.MinP);

    private readonly Option<float?> _repetitionPenalty = NumberOption.Create<float>(
        "--repetition-penalty", "R", "Above 1, recent tokens become less likely; 1 is off.",
        value => s_defaults with { RepetitionPenalty = value }, s_defaults.RepetitionPenalty);

    private readonly Option<int?> _context = NumberOption.Create<int>(
        "--context", "N", "Tokens that prompt and text may have together; else what the model was trained for.",
        value => new LlamaModelOptions { ContextLength = value }, null, "-c");

    private readonly Option<string[]> _stop = new("--stop")
    {
        Description = "Ends before this text appears; may be given several times.",
        HelpName = "TEXT",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _ignoreEnd = new("--ignore-eos") { Description = "Goes on where the model would end its text." };

    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No progress and no statistics on standard error." };

    public Command Create()
    {
        var command = new Command("generate", "Continues a text; standard output gets the new text, ended by a line break, and nothing else.")
        {
            _model, _prompt, _maxTokens, _temperature, _seed, _topK, _topP, _minP, _repetitionPenalty, _stop, _context, _cacheType, _threads, _ignoreEnd, _quiet,
        };
        command.Validators.Add(CheckStops);
        command.SetAction(RunAsync);
        return command;
    }

    private void CheckStops(CommandResult result)
    {
        // One text for each --stop; the parser counts over all of them.
        if (result.GetResult(_stop) is { } stops && stops.IdentifierTokenCount > stops.Tokens.Count)
        {
            result.AddError($"Required argument missing for option: '{_stop.Name}'.");
        }

        try
        {
            _ = s_defaults with { StopSequences = result.GetValue(_stop) ?? [] };
        }
        catch (ArgumentException exception)
        {
            result.AddError($"{_stop.Name}: {ErrorSentence.Of(exception)}");
        }
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        bool isQuiet = result.GetValue(_quiet);
        var modelOptions = new LlamaModelOptions
        {
            ContextLength = result.GetValue(_context),
            ThreadCount = result.GetValue(_threads),
            KeyValueCacheType = result.GetValue(_cacheType),
        };
        using LlamaModel model = await ModelLoading.LoadAsync(InputPath.Require(result.GetRequiredValue(_model)), modelOptions, host, isQuiet, cancellationToken).ConfigureAwait(false);
        GenerationUpdate last = default;
        try
        {
            await foreach (GenerationUpdate update in model.GenerateAsync(result.GetRequiredValue(_prompt), Options(result), cancellationToken).ConfigureAwait(false))
            {
                if (update.Text.Length > 0)
                {
                    await host.Output.WriteAsync(host.IsOutputTerminal ? PrintableText.Lines(update.Text) : update.Text).ConfigureAwait(false);
                    await host.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
                }

                last = update;
            }
        }
        finally
        {
            // Text ends with a line break, as every text file does; where there is none, there is no line.
            if (last.Text is not null)
            {
                await host.Output.WriteAsync('\n').ConfigureAwait(false);
            }
        }

        if (!isQuiet)
        {
            await host.Error.WriteLineAsync(Statistics(last)).ConfigureAwait(false);
        }

        return ExitCodes.Success;
    }

    private GenerationOptions Options(ParseResult result) => new()
    {
        MaxTokens = result.GetValue(_maxTokens),
        Temperature = result.GetRequiredValue(_temperature)!.Value,
        Seed = result.GetValue(_seed),
        TopK = result.GetRequiredValue(_topK)!.Value,
        TopP = result.GetRequiredValue(_topP)!.Value,
        MinP = result.GetRequiredValue(_minP)!.Value,
        RepetitionPenalty = result.GetRequiredValue(_repetitionPenalty)!.Value,
        StopSequences = result.GetValue(_stop) ?? [],
        IgnoreEndOfSequence = result.GetValue(_ignoreEnd),
    };

    private static string Statistics(GenerationUpdate last)
    {
        GenerationUsage usage = last.Usage!;
        string reason = last.FinishReason switch
        {
            FinishReason.EndOfSequence => "the model ended its text",
            FinishReason.StopSequence => "a stop text came",
            FinishReason.MaxTokens => "--max-tokens are reached",
            _ => "the context is full",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"llama2: prompt tokens {usage.PromptTokenCount:N0} ({usage.PromptTokensPerSecond:N1}/s), new tokens {usage.GeneratedTokenCount:N0} ({usage.GeneratedTokensPerSecond:N1}/s), seed {usage.Seed}; {reason}");
    }
}
