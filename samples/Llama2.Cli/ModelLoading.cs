using System.CommandLine;
using Spectre.Console;

namespace Llama2.Cli;

/// <summary>The options with which commands load a model, and the loading, with its progress where a person watches standard error.</summary>
internal static class ModelLoading
{
    public static Option<int?> ThreadsOption() => NumberOption.Create<int>(
        "--threads", "N", "Threads that compute, 1 to 1,024; else as many as there are processors.", count => new LlamaModelOptions { ThreadCount = count });

    /// <summary>Loads a model; shows a progress bar unless told to be quiet or nobody watches.</summary>
    public static async Task<LlamaModel> LoadAsync(
        string path, LlamaModelOptions options, ConsoleHost host, bool isQuiet, CancellationToken cancellationToken)
    {
        if (isQuiet || !host.IsErrorTerminal)
            return await LlamaModel.LoadAsync(path, options, progress: null, cancellationToken).ConfigureAwait(false);

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(host.Error),
            ColorSystem = host.UsesColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        string name = Markup.Escape(PrintableText.Shorten(Path.GetFileName(path), 60));
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask($"Loading {name}", maxValue: 1);
                return await LlamaModel.LoadAsync(path, options, new BarProgress(task), cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
    }

    // Progress<T> would report on other threads, out of order.
    private sealed class BarProgress(ProgressTask task) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => task.Value = value.Fraction;
    }
}
