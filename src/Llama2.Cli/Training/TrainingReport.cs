using System.Diagnostics;
using System.Globalization;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Memory;
using Llama2.Training;

namespace Llama2.Cli.Training;

/// <summary>
/// Reports the progress of training on standard error. On a terminal, one line is rewritten after each step; otherwise a new line is written at
/// intervals.
/// </summary>
/// <param name="host">The console for the output.</param>
/// <param name="checkpointFault">
/// Returns the exception that prevented the latest checkpoint from being written; null if that checkpoint was written, or if none was due yet.
/// </param>
internal sealed class TrainingReport(ConsoleHost host, Func<Exception?> checkpointFault) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly List<TrainingProgress> _steps = [];
    private long _reported;
    private Exception? _toldFault;

    /// <summary>The reports of all steps, in the order of the steps.</summary>
    public IReadOnlyList<TrainingProgress> Steps => _steps;

    public void Report(TrainingProgress value)
    {
        _steps.Add(value);
        TellCheckpointFault(", and is tried again at the next interval");
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"step {value.Step:N0} of {value.StepCount:N0}, loss {value.Loss:F3}{Rewards(value)}{Validation(value)}, {value.TokensPerSecond:N0} tokens/s, {Time(value.Remaining)} left");
        if (host.IsErrorTerminal)
        {
            // A line with a validation loss stays on the screen; the next step does not overwrite it.
            host.Error.Write($"\r\e[K{line}{(value.ValidationLoss is null ? "" : "\n")}");
        }
        else if (value.ValidationLoss is not null || _steps.Count == 1 || value.Step == value.StepCount || Stopwatch.GetElapsedTime(_reported) >= s_interval)
        {
            _reported = Stopwatch.GetTimestamp();
            host.Error.WriteLine(line);
        }
    }

    /// <summary>Shows a prompt and the model's answer on a line that stays on the screen.</summary>
    public void ShowAnswer(string prompt, string answer) =>
        host.Error.WriteLine($"{(host.IsErrorTerminal ? "\r\e[K" : "")}{PrintableText.SingleLine($"  {PrintableText.Shorten(prompt, 60)} → {answer}").TrimEnd()}");

    /// <summary>Ends the line that was rewritten, and warns if the last checkpoint could not be written.</summary>
    public void End()
    {
        if (host.IsErrorTerminal && _steps.Count > 0)
        {
            host.Error.WriteLine();
        }

        TellCheckpointFault("");
    }

    /// <summary>Writes a warning, which the user should know before using the result.</summary>
    public void Warn(string message) => host.Error.WriteLine($"llama2: warning: {message}");

    /// <summary>Writes what the user may want to know.</summary>
    public void Note(string message) => host.Error.WriteLine($"llama2: {message}");

    /// <summary>The line about the memory that training takes.</summary>
    public static string Memory(TrainingMemory memory) =>
        $"memory: about {ByteSizeText.Needed(memory.TotalByteSize)}: the model {ByteSizeText.Needed(memory.WeightByteSize)}, activations {ByteSizeText.Needed(memory.ActivationByteSize)} ({(memory.KeepsActivations ? "kept" : "computed again")})";

    public static string Time(TimeSpan time) =>
        time.ToString(time.TotalDays >= 1 ? @"d\.hh\:mm\:ss" : time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    // Each exception is reported once. Each failed attempt to write a checkpoint creates a new exception.
    private void TellCheckpointFault(string consequence)
    {
        if (checkpointFault() is { } fault && fault != _toldFault)
        {
            _toldFault = fault;
            host.Error.WriteLine(PrintableText.SingleLine($"llama2: warning: the checkpoint could not be written{consequence}: {ErrorSentence.Of(fault)}"));
        }
    }

    private static string Validation(TrainingProgress value) =>
        value.ValidationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $", validation {loss:F3}{(value.IsBest ? ", the best" : "")}{Metrics(value)}") : "";

    private static string Metrics(TrainingProgress value) =>
        value.ValidationMetrics is { } metrics ? string.Create(CultureInfo.InvariantCulture, $", {metrics.TokenAccuracy:P0} of tokens and {metrics.ExactMatch:P0} of answers right") : "";

    private static string Rewards(TrainingProgress value) => value.Rewards is { } rewards ? $", {RewardSummary.Of(rewards)}" : "";
}
