using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>Creates the options with which commands load a model, and loads models. A progress bar is shown if standard error is a terminal.</summary>
internal static class ModelLoading
{
    public static Option<int?> ContextOption() => NumberOption.Create<int>(
        "--context", "N", "The context length: the maximum number of tokens of prompt and text together. Default: the length that the model was trained for. A longer context needs --rope-scaling.",
        value => new LlamaModelOptions { ContextLength = value }, null, "-c");

    public static Option<int?> ThreadsOption() => NumberOption.Create<int>(
        "--threads", "N", "The number of threads that compute, 1 to 1,024. Default: the number of processor cores.", count => new LlamaModelOptions { ThreadCount = count });

    public static Option<KeyValueCacheType?> CacheTypeOption() => ChoiceOption.Create<KeyValueCacheType>(
        "--cache-type", "TYPE", "The type of keys and values of past tokens", defaultText: "I16 (with AVX2) or F16 for quantized weights, F32 for others");

    public static Option<string?> DraftOption() => new("--draft")
    {
        Description = $"A small model with the same vocabulary that guesses the next tokens, so that the same text is generated faster: {InputPath.AnyModel}.",
        HelpName = "MODEL",
    };

    public static Option<int?> DraftLengthOption() => NumberOption.Create<int>(
        "--draft-length", "N", "The maximum number of guessed tokens that a pass computes; with 0 nothing is guessed. Without --draft, repetitions in the text are guessed.",
        length => new SpeculationOptions { MaxDraftLength = length }, new SpeculationOptions().MaxDraftLength);

    /// <summary>
    /// Loads a model. If <paramref name="isQuiet"/> is false, shows a progress bar if standard error is a terminal, and says there why a panel file was not
    /// used or why the draft model stopped guessing.
    /// </summary>
    public static async Task<LlamaModel> LoadAsync(string path, LlamaModelOptions options, ConsoleHost host, bool isQuiet, CancellationToken cancellationToken)
    {
        if (!isQuiet)
        {
            options = options with { OnDraftModelFault = fault => Warn(host, $"The draft model failed, and the text goes on without its guesses. {fault.Message}") };
        }

        LlamaModel model = await ProgressBar.RunAsync(
            host,
            isQuiet,
            $"Loading {PrintableText.Shorten(Path.GetFileName(path), 60)}",
            progress => LlamaModel.LoadAsync(path, Resolve(WithPatience(options), host), progress is null ? null : new FractionOfBytes(progress), cancellationToken)).ConfigureAwait(false);
        if (!isQuiet && model.PanelFile is { Problem: { } problem })
        {
            Warn(host, problem);
        }

        return model;
    }

    /// <summary>
    /// Returns the options without a limit on how long a reader may be idle. The limit is meant for servers, whose readers are remote. A command is
    /// the only reader of its model: its output may go to a pager that stays at its first page for an hour, and a stopped process (Ctrl+Z) may be
    /// continued the next day.
    /// </summary>
    public static LlamaModelOptions WithPatience(LlamaModelOptions options) => options with { ReaderIdleLimit = Timeout.InfiniteTimeSpan };

    private static void Warn(ConsoleHost host, string problem) => host.Error.WriteLine(PrintableText.SingleLine($"llama2: warning: {problem}"));

    /// <summary>Returns the options with the path of the draft model, which may be the name of a pulled model, as the model itself.</summary>
    /// <exception cref="CommandException">There is no such model.</exception>
    public static LlamaModelOptions Resolve(LlamaModelOptions options, ConsoleHost host)
        => options.DraftModel is { } draft ? options with { DraftModel = InputPath.RequireModel(draft, host) } : options;
}
