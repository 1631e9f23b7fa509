using Spectre.Console;

namespace Llama2.Cli;

/// <summary>A bar on standard error while something long goes on, where a person watches; else nothing.</summary>
internal static class ProgressBar
{
    /// <summary>Runs the work; its progress is a fraction, 0 to 1, or not wanted (null).</summary>
    public static async Task<T> RunAsync<T>(ConsoleHost host, bool isQuiet, string description, Func<IProgress<double>?, Task<T>> work)
    {
        if (isQuiet || !host.IsErrorTerminal)
            return await work(null).ConfigureAwait(false);

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(host.Error),
            ColorSystem = host.UsesColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work(new BarProgress(context.AddTask(Markup.Escape(description), maxValue: 1))))
            .ConfigureAwait(false);
    }

    // Progress<T> would report on other threads, out of order.
    private sealed class BarProgress(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
