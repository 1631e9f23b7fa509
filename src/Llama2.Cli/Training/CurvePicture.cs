using Llama2.Cli.Terminal;
using Llama2.Formats;
using Llama2.Training;
using ScottPlot;
using SkiaSharp;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>The curve of training as a picture: each step's loss, their mean, the validation loss, and where it was smallest.</summary>
internal static class CurvePicture
{
    // Half the pixels of the picture, which is drawn at twice the size, so that it is sharp on dense screens.
    private const int Width = 1000, Height = 560, Scale = 2;

    // The mean is over a twentieth of the steps: wide enough to show where the loss goes, narrow enough to show when.
    private const int MeanFraction = 20;

    private static readonly string[] s_fonts = ["Inter", "Segoe UI", "Helvetica Neue", "Roboto", "Open Sans", "Noto Sans", "DejaVu Sans", "Liberation Sans", "Arial"];

    private static readonly Color s_training = Color.FromHex("#2563EB"), s_validation = Color.FromHex("#EA580C"), s_text = Color.FromHex("#1F2937"), s_grid = Color.FromHex("#E5E7EB");

    /// <summary>Checks, before hours of training, that a picture can be drawn afterwards.</summary>
    /// <exception cref="CommandException">The machine has no font, or the library that draws cannot be loaded.</exception>
    public static void Require()
    {
        try
        {
            if (SKFontManager.Default.FontFamilyCount == 0)
                throw new CommandException("There is no font on this machine to label the curve's picture with: install one, such as the package fonts-dejavu-core, or write the curve as .csv.");
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException)
        {
            throw new CommandException("Pictures cannot be drawn on this machine, since SkiaSharp's library does not load: write the curve as .csv.", exception);
        }
    }

    /// <param name="path">The PNG file to make or replace.</param>
    /// <param name="title">What was trained.</param>
    /// <param name="unit">What a loss is the mean over: a token, or a pair.</param>
    /// <param name="steps">All steps, one or more.</param>
    public static void Write(string path, string title, string unit, IReadOnlyList<TrainingStep> steps)
    {
        byte[] picture = Draw(title, unit, steps).GetImage(Width * Scale, Height * Scale).GetImageBytes(ImageFormat.Png, quality: 100);
        using var file = new AtomicFile(path);
        file.Stream.Write(picture);
        file.Commit();
    }

    /// <summary>The mean of the losses around each step, of fewer steps at both ends.</summary>
    public static double[] Smooth(IReadOnlyList<double> losses)
    {
        int reach = losses.Count / MeanFraction / 2;
        return [.. losses.Select((_, i) =>
        {
            int start = Math.Max(0, i - reach), end = Math.Min(losses.Count, i + reach + 1);
            return losses.Skip(start).Take(end - start).Average();
        })];
    }

    private static Plot Draw(string title, string unit, IReadOnlyList<TrainingStep> steps)
    {
        var plot = new Plot { ScaleFactor = Scale };
        double[] x = [.. steps.Select(step => (double)step.Step)], losses = [.. steps.Select(step => step.Loss)];
        DrawTraining(plot, x, losses);
        TrainingStep[] evaluated = [.. steps.Where(step => step.ValidationLoss is not null)];
        if (evaluated.Length > 0)
        {
            DrawValidation(plot, evaluated);
        }

        plot.Axes.Title.Label.Text = title;
        plot.Axes.Title.Label.FontSize = 18;
        plot.Axes.Bottom.Label.Text = "step";
        plot.Axes.Left.Label.Text = $"loss (nats a {unit})";
        foreach (IAxis axis in (IAxis[])[plot.Axes.Bottom, plot.Axes.Left])
        {
            axis.Label.FontSize = 14;
            axis.Label.Bold = false;
            axis.Label.ForeColor = s_text;
            axis.TickLabelStyle.FontSize = 12;
            axis.TickLabelStyle.ForeColor = s_text;
        }

        plot.Axes.Title.Label.ForeColor = s_text;
        plot.Axes.Right.FrameLineStyle.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        plot.Grid.MajorLineColor = s_grid;
        plot.FigureBackground.Color = Colors.White;
        plot.Font.Set(FindFont());
        Legend legend = plot.ShowLegend(Alignment.UpperRight);
        legend.FontSize = 13;
        legend.FontColor = s_text;
        legend.OutlineColor = s_grid;
        legend.ShadowColor = Colors.Transparent;
        plot.Axes.Margins(horizontal: 0.02, vertical: 0.08);
        return plot;
    }

    // Without serifs, if there is one of those; else the machine's own choice.
    private static string FindFont()
    {
        HashSet<string> installed = new(SKFontManager.Default.FontFamilies, StringComparer.OrdinalIgnoreCase);
        return s_fonts.FirstOrDefault(installed.Contains) ?? SKTypeface.Default.FamilyName;
    }

    private static void DrawTraining(Plot plot, double[] x, double[] losses)
    {
        ScottPlot.Plottables.Scatter points = plot.Add.ScatterPoints(x, losses);
        points.Color = s_training.WithAlpha(0.3);
        points.MarkerSize = x.Length > 1000 ? 2 : 4;
        points.LegendText = "training, each step";
        int width = 2 * (losses.Length / MeanFraction / 2) + 1;
        if (width > 1)
        {
            ScottPlot.Plottables.Scatter mean = plot.Add.ScatterLine(x, Smooth(losses));
            mean.Color = s_training;
            mean.LineWidth = 2.5f;
            mean.LegendText = Invariant($"training, mean of {width:N0} steps");
        }
    }

    private static void DrawValidation(Plot plot, TrainingStep[] evaluated)
    {
        ScottPlot.Plottables.Scatter validation = plot.Add.Scatter(
            evaluated.Select(step => (double)step.Step).ToArray(), evaluated.Select(step => step.ValidationLoss!.Value).ToArray());
        validation.Color = s_validation;
        validation.LineWidth = 2;
        validation.MarkerSize = 7;
        validation.LegendText = "validation";
        TrainingStep best = evaluated.MinBy(step => step.ValidationLoss)!;
        ScottPlot.Plottables.Marker marker = plot.Add.Marker(best.Step, best.ValidationLoss!.Value, MarkerShape.OpenCircle, 18, s_validation);
        marker.MarkerLineWidth = 2;
        marker.LegendText = Invariant($"the best: {best.ValidationLoss:F3} at step {best.Step:N0}");
    }
}
