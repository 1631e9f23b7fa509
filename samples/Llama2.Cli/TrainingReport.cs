using System.Diagnostics;
using System.Globalization;
using Llama2.Formats;
using Llama2.Training;

namespace Llama2.Cli;

/// <summary>Tells of training while it goes on, on standard error: a line that is rewritten where a person watches, else a line now and then.</summary>
internal sealed class TrainingReport(ConsoleHost host) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    private readonly List<TrainingProgress> _steps = [];
    private long _reported;

    /// <summary>All steps, in order.</summary>
    public IReadOnlyList<TrainingProgress> Steps => _steps;

    public void Report(TrainingProgress value)
    {
        _steps.Add(value);
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"step {value.Step:N0} of {value.StepCount:N0}, loss {value.Loss:F3}{Accuracy(value)}, {value.TokensPerSecond:N0} tokens/s, {Time(value.Remaining)} left");
        if (host.IsErrorTerminal)
        {
            host.Error.Write($"\r\e[K{line}");
        }
        else if (_steps.Count == 1 || value.Step == value.StepCount || Stopwatch.GetElapsedTime(_reported) >= s_interval)
        {
            _reported = Stopwatch.GetTimestamp();
            host.Error.WriteLine(line);
        }
    }

    /// <summary>Leaves the line that was rewritten.</summary>
    public void End()
    {
        if (host.IsErrorTerminal && _steps.Count > 0)
        {
            host.Error.WriteLine();
        }
    }

    /// <summary>Writes the curve: a line a step, with commas.</summary>
    public void WriteCurve(string path)
    {
        using var file = new AtomicFile(OutputPath.Require(path));
        using (var writer = new StreamWriter(file.Stream, leaveOpen: true))
        {
            writer.NewLine = "\n";
            writer.WriteLine("step,loss,gradient_norm,learning_rate,tokens_per_second");
            foreach (TrainingProgress step in _steps)
            {
                writer.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{step.Step},{step.Loss:R},{step.GradientNorm:R},{step.LearningRate:R},{step.TokensPerSecond:F1}"));
            }
        }

        file.Commit();
    }

    public static string Time(TimeSpan time) =>
        time.ToString(time.TotalDays >= 1 ? @"d\.hh\:mm\:ss" : time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    private static string Accuracy(TrainingProgress value) =>
        value.PreferenceAccuracy is { } accuracy ? string.Create(CultureInfo.InvariantCulture, $", preferred {accuracy:P0}") : "";
}
