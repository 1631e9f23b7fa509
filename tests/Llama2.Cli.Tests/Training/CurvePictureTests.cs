using System.Globalization;
using System.Xml.Linq;
using Llama2.Cli.Training;
using Llama2.Training;

namespace Llama2.Cli.Tests.Training;

public sealed class CurvePictureTests : IDisposable
{
    private const string TrainingColor = "rgb(37,99,235)", ValidationColor = "rgb(234,88,12)";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(30, 0)]
    [InlineData(400, 20)]
    public void Write_AnyCurve_DrawsTheLossesWithTitleAxesAndLegend(int stepCount, int interval)
    {
        XElement picture = Draw("Training of a model: the loss", Steps(stepCount, interval));

        Texts(picture).Should().Contain(["Training of a model: the loss", "step", "loss (nats a token)", "training, each step"]);
        Texts(picture).Contains("validation").Should().Be(interval > 0);
        Texts(picture).Any(text => text.StartsWith("training, mean of ", StringComparison.Ordinal)).Should().Be(stepCount >= 40);
        Texts(picture).Any(text => text.StartsWith("the best: ", StringComparison.Ordinal) && text.Contains(" at step ", StringComparison.Ordinal)).Should().Be(interval > 0);
        Drawn(picture, TrainingColor).Should().NotBeEmpty();
        Drawn(picture, ValidationColor).Any().Should().Be(interval > 0);
        Directory.GetFiles(_folder.Path).Should().Equal(_folder.File("curve.svg"));
    }

    [Fact]
    public void Write_FallingLoss_FallsInThePictureFromItsLeftToItsRight()
    {
        TrainingStep[] steps = [.. Enumerable.Range(1, 200).Select(step => new TrainingStep(step, 4 - step / 100.0, 1, 1e-4, null))];

        XElement picture = Draw("a", steps);

        (double X, double Y)[] line = Points(Drawn(picture, TrainingColor).Where(it => it.Name.LocalName == "polyline").MaxBy(it => Points(it).Length)!);
        line.Should().BeInAscendingOrder(point => point.X).And.BeInAscendingOrder(point => point.Y);
        line.Should().OnlyContain(point => point.X > 40 && point.X < 1000 && point.Y > 20 && point.Y < 540);
        (line[^1].X - line[0].X).Should().BeGreaterThan(800);
        (line[^1].Y - line[0].Y).Should().BeGreaterThan(300);
    }

    [Fact]
    public void Write_ManySteps_StaysSmall()
    {
        Draw("a", Steps(100_000, 500));

        new FileInfo(_folder.File("curve.svg")).Length.Should().BeLessThan(256 * 1024);
    }

    [Fact]
    public void Write_TitleThatIsNoXml_IsWrittenAsText()
    {
        XElement picture = Draw("<svg> & \u0001\uFFFE\uD83E\uDD99", Steps(2, 0));

        Texts(picture).Should().Contain("<svg> & \uFFFD\uFFFD\uD83E\uDD99");
    }

    [Fact]
    public void Smooth_Losses_IsTheMeanOfThoseAround()
    {
        double[] losses = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? 1.0 : 3.0)];

        double[] smooth = CurvePicture.Smooth(losses);

        smooth.Should().HaveCount(40);
        smooth[0].Should().Be(2);
        smooth[5].Should().BeApproximately((1 + 3 + 1) / 3.0, 1e-12);
        CurvePicture.Smooth([1, 5, 2]).Should().Equal(1, 5, 2);
    }

    public void Dispose() => _folder.Dispose();

    private XElement Draw(string title, TrainingStep[] steps)
    {
        string path = _folder.File("curve.svg");
        CurvePicture.Write(path, title, "nats a token", steps);
        XElement picture = XElement.Load(path);
        picture.Name.LocalName.Should().Be("svg");
        return picture;
    }

    private static string[] Texts(XElement picture) => [.. picture.Descendants().Where(it => it.Name.LocalName == "text").Select(it => it.Value)];

    private static IEnumerable<XElement> Drawn(XElement picture, string color) =>
        picture.Descendants().Where(it => it.Attributes().Any(attribute => attribute.Value.Contains(color, StringComparison.OrdinalIgnoreCase)));

    private static (double X, double Y)[] Points(XElement polyline) =>
        [.. polyline.Attribute("points")!.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split(','))
            .Select(pair => (double.Parse(pair[0], CultureInfo.InvariantCulture), double.Parse(pair[1], CultureInfo.InvariantCulture)))];

    private static TrainingStep[] Steps(int count, int interval)
    {
        var random = new Random(1);
        return
        [
            .. Enumerable.Range(1, count).Select(step => new TrainingStep(
                step, 1 + 2 * Math.Exp(-step / 60.0) + 0.2 * random.NextDouble(), 1, 1e-4, interval > 0 && step % interval == 0 ? 1.3 + 1.7 * Math.Exp(-step / 60.0) + step / 2000.0 : null)),
        ];
    }
}
