using System.Globalization;
using System.Xml;
using Llama2.Formats;
using Llama2.Training;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>
/// The training curve as a picture (SVG): the loss of each step, the mean of the losses around it, the validation loss, and the step where the
/// validation loss was smallest.
/// </summary>
internal static class CurvePicture
{
    private const int Width = 1000, Height = 560;

    // Each point of the mean curve is the mean loss of a twentieth of all steps. With fewer steps per point, the curve would not show the trend of
    // the loss; with more steps per point, it would not show when the trend changes.
    private const int MeanFraction = 20;

    // Up to this number of steps, each step is drawn as a point; if there are more, the steps are drawn as a line.
    private const int MaxMarkedStepCount = 60;

    private static readonly OxyColor s_training = OxyColor.Parse("#2563EB"), s_validation = OxyColor.Parse("#EA580C"), s_text = OxyColor.Parse("#1F2937"), s_grid = OxyColor.Parse("#E5E7EB");

    /// <param name="path">The file to create or replace.</param>
    /// <param name="title">The title: the name of the trained result.</param>
    /// <param name="unit">The unit of a loss, such as nats a token.</param>
    /// <param name="steps">All steps, one or more.</param>
    public static void Write(string path, string title, string unit, IReadOnlyList<TrainingStep> steps)
    {
        using var file = new AtomicFile(path);
        new SvgExporter { Width = Width, Height = Height, IsDocument = false, TextMeasurer = new WideFont() }.Export(Draw(title, unit, steps), file.Stream);
        file.Commit();
    }

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
        var plot = new PlotModel
        {
            Title = Writable(title),
            TitleFontSize = 18,
            TitlePadding = 12,
            // The viewer uses the first of these fonts that is installed.
            DefaultFont = "Inter, Segoe UI, Helvetica Neue, Roboto, DejaVu Sans, Arial, sans-serif",
            DefaultFontSize = 13,
            TextColor = s_text,
            Background = OxyColors.White,
            Padding = new OxyThickness(12, 14, 24, 12),
            PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1),
            PlotAreaBorderColor = s_text,
            Culture = CultureInfo.InvariantCulture,
        };
        plot.Axes.Add(Axis(AxisPosition.Bottom, "step", "#,##0", padding: 0.02));
        plot.Axes.Add(Axis(AxisPosition.Left, $"loss ({unit})", null, padding: 0.08));
        plot.Legends.Add(new Legend
        {
            LegendPosition = LegendPosition.RightTop,
            LegendBackground = OxyColor.FromAColor(230, OxyColors.White),
            LegendBorder = s_grid,
            LegendPadding = 10,
            LegendMargin = 12,
            LegendSymbolLength = 28,
            LegendLineSpacing = 3,
        });
        DrawTraining(plot, steps);
        DrawValidation(plot, [.. steps.Where(step => step.ValidationLoss is not null)]);
        return plot;
    }

    private static LinearAxis Axis(AxisPosition position, string title, string? format, double padding) => new()
    {
        Position = position,
        Title = title,
        TitleFontSize = 14,
        AxisTitleDistance = 10,
        StringFormat = format,
        MinimumMajorStep = position == AxisPosition.Bottom ? 1 : 0,
        MinimumPadding = padding,
        MaximumPadding = padding,
        MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = s_grid,
        MinorTickSize = 0,
        TicklineColor = s_text,
    };

    private static void DrawTraining(PlotModel plot, IReadOnlyList<TrainingStep> steps)
    {
        double[] losses = [.. steps.Select(step => step.Loss)];
        int width = 2 * (losses.Length / MeanFraction / 2) + 1;
        LineSeries each = Line("training, each step", steps.Select((step, i) => new DataPoint(step.Step, losses[i])), width > 1 ? OxyColor.FromAColor(90, s_training) : s_training, 1.2);
        if (losses.Length <= MaxMarkedStepCount)
        {
            each.MarkerType = MarkerType.Circle;
            each.MarkerSize = 2.5;
        }

        plot.Series.Add(each);
        if (width > 1)
        {
            double[] smooth = Smooth(losses);
            plot.Series.Add(Line(Invariant($"training, mean of {width:N0} steps"), steps.Select((step, i) => new DataPoint(step.Step, smooth[i])), s_training, 2.5));
        }
    }

    private static void DrawValidation(PlotModel plot, TrainingStep[] evaluated)
    {
        if (evaluated.MinBy(step => step.ValidationLoss) is not { } best)
            return;

        LineSeries validation = Line("validation", evaluated.Select(step => new DataPoint(step.Step, step.ValidationLoss!.Value)), s_validation, 2);
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
            MarkerStroke = s_validation,
            MarkerStrokeThickness = 2,
        };
        marker.Points.Add(new ScatterPoint(best.Step, best.ValidationLoss!.Value));
        plot.Series.Add(marker);
    }

    // For each column of pixels, only the first, last, smallest and largest losses are drawn. The picture looks the same as if all losses were drawn,
    // and the file stays small even with a million steps.
    private static LineSeries Line(string title, IEnumerable<DataPoint> points, OxyColor color, double thickness)
    {
        var series = new LineSeries { Title = title, Color = color, StrokeThickness = thickness, LineJoin = LineJoin.Round, Decimator = Decimator.Decimate };
        series.Points.AddRange(points);
        return series;
    }

    // Replaces characters that XML does not allow by U+FFFD, because a model's name may have such characters.
    private static string Writable(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => rune.Value > 0xFFFF || XmlConvert.IsXmlChar((char)rune.Value) ? rune.ToString() : "\uFFFD"));

    // Measures the width of texts. It is not known which of the picture's fonts the viewer will use, so texts are measured as in DejaVu Sans, the
    // widest of them. OxyPlot's own class, which is meant for PDF, would measure them as in Helvetica, with results that are a third smaller.
    private sealed class WideFont() : PdfRenderContext(Width, Height, OxyColors.White)
    {
        private const double CharacterWidth = 0.62, LineHeight = 1.3;

        public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight) =>
            new(CharacterWidth * fontSize * (text?.Length ?? 0), LineHeight * fontSize);
    }
}
