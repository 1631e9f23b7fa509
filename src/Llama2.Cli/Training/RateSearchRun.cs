using System.Globalization;
using Llama2.Cli.Terminal;
using Llama2.Formats;
using Llama2.Training;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>Searches for a learning rate, and shows the result.</summary>
/// <param name="host">The console.</param>
internal sealed class RateSearchRun(ConsoleHost host) : IProgress<LearningRatePoint>
{
    private bool _hasLine;

    public void Report(LearningRatePoint value)
    {
        if (host.IsErrorTerminal)
        {
            host.Error.Write(Invariant($"\r\e[Klearning rate {value.LearningRate:0.0e-0}, loss {value.SmoothedLoss:F3}"));
            _hasLine = true;
        }
    }

    /// <summary>The options for a search with this number of steps; null is the default.</summary>
    /// <exception cref="CommandException">There are too few or too many steps.</exception>
    public static LearningRateSearchOptions Options(int? stepCount)
    {
        try
        {
            return stepCount is { } count ? new() { StepCount = count } : new();
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new CommandException($"--find-rate and --steps: {ErrorSentence.Of(exception)}", exception);
        }
    }

    /// <summary>Runs the search, and returns the line that states the result.</summary>
    public string Search(LlamaTrainer trainer, TrainingDataset data, LearningRateSearchOptions options, out LearningRateSearch search, CancellationToken cancellationToken)
    {
        try
        {
            search = trainer.FindLearningRate(data, options, this, cancellationToken);
        }
        finally
        {
            if (_hasLine)
            {
                host.Error.WriteLine();
            }
        }

        LearningRatePoint smallest = search.Smallest;
        return Invariant($"--learning-rate {search.SuggestedLearningRate:0.0e-0}: a tenth of the rate {smallest.LearningRate:0.0e-0}, at which the loss was smallest ({smallest.SmoothedLoss:F4}, at first {search.Points[0].Loss:F4})");
    }

    /// <summary>Writes the losses over the learning rates: a picture or a table, depending on the file's name.</summary>
    public static void WriteCurve(string path, LearningRateSearch search, string unit)
    {
        if (CurveFile.IsPicture(path))
        {
            RateSearchPicture.Write(path, "The loss at rising learning rates", unit, search);
            return;
        }

        using var file = new AtomicFile(path);
        using (var writer = new StreamWriter(file.Stream, leaveOpen: true))
        {
            writer.NewLine = "\n";
            writer.WriteLine("learning_rate,loss,smoothed_loss");
            foreach (LearningRatePoint point in search.Points)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{point.LearningRate:R},{point.Loss:R},{point.SmoothedLoss:R}"));
            }
        }

        file.Commit();
    }
}
