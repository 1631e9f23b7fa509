using Llama2.Training;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>
/// The training curve as a picture (SVG): the loss of each step, the mean of the losses around it, the validation loss, and the step where the
/// validation loss was smallest.
/// </summary>
internal static class CurvePicture
{
    // Each point of the mean curve is the mean loss of a twentieth of all steps. With fewer steps per point, the curve would not show the trend of
    // the loss; with more steps per point, it would not show when the trend changes.
    private const int MeanFraction = 20;

    // Up to this number of steps, each step is drawn as a point; if there are more, the steps are drawn as a line.
    private const int MaxMarkedStepCount = 60;

    /// <param name="path">The file to create or replace.</param>
    /// <param name="title">The title: the name of the trained result.</param>
    /// <param name="unit">The unit of a loss, such as nats a token.</param>
    /// <param name="steps">All steps, one or more.</param>
    public static void Write(string path, string title, string unit, IReadOnlyList<TrainingStep> steps) => PlotPage.Write(path, Draw(title, unit, steps));

    /// <summary>Returns for each step the mean of the losses around it. At both ends, the means are over fewer steps.</summary>
    public static double[] Smooth(IReadOnlyList<double> losses)
    {
        int reach = losses.Count / MeanFraction / 2;
        return [.. losses.Select((_, i) =>
        {
            int start = Math.Max(0, i - reach), end = Math.Min(losses.Count, i + reach + 1);
            return losses.Skip(start).Take(end - start).Average();
        })];
    }

    private static PlotModel Draw(string title, string unit, IReadOnlyList<TrainingStep> steps)
    {
        PlotModel plot = PlotPage.Create(title);
        plot.Axes.Add(PlotPage.Style(new LinearAxis { Position = AxisPosition.Bottom, StringFormat = "#,##0", MinimumMajorStep = 1 }, "step", padding: 0.02));
        plot.Axes.Add(PlotPage.Style(new LinearAxis { Position = AxisPosition.Left }, $"loss ({unit})", padding: 0.08));
        DrawTraining(plot, steps);
        DrawValidation(plot, [.. steps.Where(step => step.ValidationLoss is not null)]);
        return plot;
    }

    private static void DrawTraining(PlotModel plot, IReadOnlyList<TrainingStep> steps)
    {
        double[] losses = [.. steps.Select(step => step.Loss)];
        int width = 2 * (losses.Length / MeanFraction / 2) + 1;
        LineSeries each = PlotPage.Line("training, each step", steps.Select((step, i) => new DataPoint(step.Step, losses[i])), width > 1 ? OxyColor.FromAColor(90, PlotPage.Blue) : PlotPage.Blue, 1.2);
        if (losses.Length <= MaxMarkedStepCount)
        {
            each.MarkerType = MarkerType.Circle;
            each.MarkerSize = 2.5;
        }

        plot.Series.Add(each);
        if (width > 1)
        {
            double[] smooth = Smooth(losses);
            plot.Series.Add(PlotPage.Line(Invariant($"training, mean of {width:N0} steps"), steps.Select((step, i) => new DataPoint(step.Step, smooth[i])), PlotPage.Blue, 2.5));
        }
    }

    private static void DrawValidation(PlotModel plot, TrainingStep[] evaluated)
    {
        if (evaluated.MinBy(step => step.ValidationLoss) is not { } best)
            return;

        LineSeries validation = PlotPage.Line("validation", evaluated.Select(step => new DataPoint(step.Step, step.ValidationLoss!.Value)), PlotPage.Orange, 2);
        if (evaluated.Length <= MaxMarkedStepCount)
        {
            validation.MarkerType = MarkerType.Circle;
            validation.MarkerSize = 3.5;
        }

        plot.Series.Add(validation);
        var marker = new ScatterSeries
        {
            Title = Invariant($"the best: {best.ValidationLoss:F3} at step {best.Step:N0}"),
            MarkerType = MarkerType.Circle,
            MarkerSize = 8,
            MarkerFill = OxyColors.Transparent,
            MarkerStroke = PlotPage.Orange,
            MarkerStrokeThickness = 2,
        };
        marker.Points.Add(new ScatterPoint(best.Step, best.ValidationLoss!.Value));
        plot.Series.Add(marker);
    }
}
