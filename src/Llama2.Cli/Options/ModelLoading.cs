using System.CommandLine;
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
        "--threads", "N", "Threads that compute, 1 to 1,024. Default: the number of processor cores.", count => new LlamaModelOptions { ThreadCount = count });

    public static Option<KeyValueCacheType?> CacheTypeOption() => ChoiceOption.Create<KeyValueCacheType>(
        "--cache-type", "TYPE", "The type of keys and values of past tokens", defaultText: "F16 for quantized weights, F32 for others");

    /// <summary>
    /// Loads a model. If <paramref name="isQuiet"/> is false, shows a progress bar if standard error is a terminal, and says there why a panel file was not
    /// used.
    /// </summary>
    public static async Task<LlamaModel> LoadAsync(string path, LlamaModelOptions options, ConsoleHost host, bool isQuiet, CancellationToken cancellationToken)
    {
        LlamaModel model = await ProgressBar.RunAsync(
            host,
            isQuiet,
            $"Loading {PrintableText.Shorten(Path.GetFileName(path), 60)}",
            progress => LlamaModel.LoadAsync(path, WithPatience(options), progress is null ? null : new FractionOfBytes(progress), cancellationToken)).ConfigureAwait(false);
        if (!isQuiet && model.PanelFile is { Problem: { } problem })
        {
            host.Error.WriteLine(PrintableText.SingleLine($"llama2: warning: {problem}"));
        }

        return model;
    }

    /// <summary>
    /// Returns the options without a limit on how long a reader may be idle. The limit is meant for servers, whose readers are remote. A command is
    /// the only reader of its model: its output may go to a pager that stays at its first page for an hour, and a stopped process (Ctrl+Z) may be
    /// continued the next day.
    /// </summary>
    public static LlamaModelOptions WithPatience(LlamaModelOptions options) => options with { ReaderIdleLimit = Timeout.InfiniteTimeSpan };
}
