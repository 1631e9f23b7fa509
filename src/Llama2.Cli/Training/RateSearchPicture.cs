using Llama2.Training;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>The search for a learning rate as a picture (SVG): the loss over the learning rate, and the suggested rate.</summary>
internal static class RateSearchPicture
{
    // Losses above this multiple of the smallest one show only that training has diverged. Without a limit, they would flatten the rest of the curve.
    private const double ShownFactor = 1.5;

    /// <param name="path">The file to create or replace.</param>
    /// <param name="title">The title.</param>
    /// <param name="unit">The unit of the losses, such as nats a token.</param>
    /// <param name="search">The search.</param>
    public static void Write(string path, string title, string unit, LearningRateSearch search)
    {
        double smallest = search.Points.Min(point => Math.Min(point.Loss, point.SmoothedLoss)), highest = Math.Max(search.Points[0].Loss, search.Smallest.SmoothedLoss * ShownFactor);
        PlotModel plot = PlotPage.Create(title);
        plot.Axes.Add(PlotPage.Style(new LogarithmicAxis { Position = AxisPosition.Bottom, StringFormat = "0e0" }, "learning rate", padding: 0.02));
        plot.Axes.Add(PlotPage.Style(
            new LinearAxis { Position = AxisPosition.Left, Minimum = smallest - (0.08 * (highest - smallest)), Maximum = highest + (0.08 * (highest - smallest)) }, $"loss ({unit})", padding: 0));
        plot.Series.Add(PlotPage.Line("each step", search.Points.Select(point => new DataPoint(point.LearningRate, point.Loss)), OxyColor.FromAColor(90, PlotPage.Blue), 1.2));
        plot.Series.Add(PlotPage.Line("mean of the last steps", search.Points.Select(point => new DataPoint(point.LearningRate, point.SmoothedLoss)), PlotPage.Blue, 2.5));
        plot.Series.Add(new LineSeries { Title = Invariant($"suggested: {search.SuggestedLearningRate:0.0e-0}"), Color = PlotPage.Orange, StrokeThickness = 2, LineStyle = LineStyle.Dash });
        plot.Annotations.Add(new LineAnnotation { Type = LineAnnotationType.Vertical, X = search.SuggestedLearningRate, Color = PlotPage.Orange, StrokeThickness = 2, LineStyle = LineStyle.Dash });
        PlotPage.Write(path, plot);
    }
}
