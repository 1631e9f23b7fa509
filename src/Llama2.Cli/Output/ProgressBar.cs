using Llama2.Cli.Terminal;
using Spectre.Console;

namespace Llama2.Cli.Output;

/// <summary>Shows a progress bar on standard error during long work, if standard error is a terminal; otherwise shows nothing.</summary>
internal static class ProgressBar
{
    /// <summary>
    /// Runs the work. The work gets an object to which it reports a fraction from 0 to 1; this object is null if no progress is shown.
    /// </summary>
    public static Task<T> RunAsync<T>(ConsoleHost host, bool isQuiet, string description, Func<IProgress<double>?, Task<T>> work)
        => isQuiet || !host.IsErrorTerminal ? work(null) : ShowAsync(host, description, work);

    /// <summary>Runs work that may write notices for the user. A notice is a line on standard error, above the bar if a bar is shown.</summary>
    public static Task<T> RunAsync<T>(ConsoleHost host, string description, Func<IProgress<double>?, Action<string>, Task<T>> work)
        => host.IsErrorTerminal ? ShowAsync(host, description, work) : work(null, host.Error.WriteLine);

    private static Task<T> ShowAsync<T>(ConsoleHost host, string description, Func<IProgress<double>?, Task<T>> work) =>
        ShowAsync(host, description, (progress, _) => work(progress));

    private static async Task<T> ShowAsync<T>(ConsoleHost host, string description, Func<IProgress<double>?, Action<string>, Task<T>> work)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(host.Error),
            ColorSystem = host.UsesColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        return await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => work(new BarProgress(context.AddTask(Markup.Escape(description), maxValue: 1)), console.WriteLine))
            .ConfigureAwait(false);
    }

    // Progress<T> is not used, because it would report on other threads and out of order.
    private sealed class BarProgress(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
