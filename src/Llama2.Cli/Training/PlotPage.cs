using System.Globalization;
using System.Xml;
using Llama2.Formats;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Llama2.Cli.Training;

/// <summary>The style of pictures of curves, and their form as SVG.</summary>
internal static class PlotPage
{
    private const int Width = 1000, Height = 560;

    private static readonly OxyColor s_text = OxyColor.Parse("#1F2937"), s_grid = OxyColor.Parse("#E5E7EB");

    public static OxyColor Blue { get; } = OxyColor.Parse("#2563EB");

    public static OxyColor Orange { get; } = OxyColor.Parse("#EA580C");

    /// <summary>Creates an empty picture with a title and a legend.</summary>
    public static PlotModel Create(string title)
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
        return plot;
    }

    /// <summary>Formats an axis in the style of the pictures.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="title">Its title.</param>
    /// <param name="padding">The free space at each end, as a fraction of the axis.</param>
    public static Axis Style(Axis axis, string title, double padding)
    {
        axis.Title = title;
        axis.TitleFontSize = 14;
        axis.AxisTitleDistance = 10;
        axis.MinimumPadding = padding;
        axis.MaximumPadding = padding;
        axis.MajorGridlineStyle = LineStyle.Solid;
        axis.MajorGridlineColor = s_grid;
        axis.MinorTickSize = 0;
        axis.TicklineColor = s_text;
        return axis;
    }

    // For each column of pixels, only the first, last, smallest and largest losses are drawn. The picture looks the same as if all losses were drawn,
    // and the file stays small even with a million steps.
    public static LineSeries Line(string title, IEnumerable<DataPoint> points, OxyColor color, double thickness)
    {
        var series = new LineSeries { Title = title, Color = color, StrokeThickness = thickness, LineJoin = LineJoin.Round, Decimator = Decimator.Decimate };
        series.Points.AddRange(points);
        return series;
    }

    /// <summary>Writes a picture to a file, which is created or replaced.</summary>
    public static void Write(string path, PlotModel plot)
    {
        using var file = new AtomicFile(path);
        new SvgExporter { Width = Width, Height = Height, IsDocument = false, TextMeasurer = new WideFont() }.Export(plot, file.Stream);
        file.Commit();
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
