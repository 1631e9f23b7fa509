using System.Buffers.Binary;
using Llama2.Cli.Training;
using Llama2.Training;
using SkiaSharp;

namespace Llama2.Cli.Tests.Training;

public sealed class CurvePictureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(30, 0)]
    [InlineData(400, 20)]
    public void Write_AnyCurve_DrawsTheLossesWithTitleAndAxes(int stepCount, int interval)
    {
        string path = _folder.File("curve.png");

        CurvePicture.Write(path, "Training of a model: the loss", "token", Steps(stepCount, interval));

        byte[] bytes = File.ReadAllBytes(path);
        (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20))).Should().Be((2000, 1120));
        using SKBitmap picture = SKBitmap.Decode(bytes);
        Count(picture, color => color.Blue > color.Red + 40).Should().BeGreaterThan(20, "training is blue");
        (Count(picture, color => color.Red > color.Blue + 100) > 100).Should().Be(interval > 0, "validation is orange");
        Count(picture, color => color.Red < 60 && color.Green < 70, height: 80).Should().BeGreaterThan(200, "the title is dark text");
        Directory.GetFiles(Path.GetDirectoryName(path)!).Should().Equal(path);
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

    private static TrainingStep[] Steps(int count, int interval)
    {
        var random = new Random(1);
        return
        [
            .. Enumerable.Range(1, count).Select(step => new TrainingStep(
                step, 1 + 2 * Math.Exp(-step / 60.0) + 0.2 * random.NextDouble(), 1, 1e-4, interval > 0 && step % interval == 0 ? 1.3 + 1.7 * Math.Exp(-step / 60.0) + step / 2000.0 : null)),
        ];
    }

    private static int Count(SKBitmap picture, Func<SKColor, bool> matches, int height = int.MaxValue)
    {
        int count = 0;
        for (int y = 0; y < Math.Min(height, picture.Height); y++)
        {
            for (int x = 0; x < picture.Width; x++)
            {
                count += matches(picture.GetPixel(x, y)) ? 1 : 0;
            }
        }

        return count;
    }
}
