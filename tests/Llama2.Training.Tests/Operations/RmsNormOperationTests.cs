using Llama2.Threading;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;
using Llama2.Training.Tests.Tensors;

namespace Llama2.Training.Tests.Operations;

public class RmsNormOperationTests
{
    private const float Epsilon = 1e-5f;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(5, 67)]
    [InlineData(4, 130)]
    public void Backward_IsTheCentralDifferenceOfTheTwin(int tokenCount, int width)
    {
        var random = new Random(1);
        double[][] input = RandomMatrices.Values(tokenCount, width, random), weight = RandomMatrices.Values(1, width, random), cotangent = RandomMatrices.Values(tokenCount, width, random);
        using var pool = new WorkerPool(2);
        using Matrix x = RandomMatrices.Of(input), w = RandomMatrices.Of(weight), dy = RandomMatrices.Of(cotangent), y = new(tokenCount, width);
        using Matrix dx = RandomMatrices.Of(cotangent), dw = RandomMatrices.Of(weight);

        RmsNormOperation.Forward(pool, x, w, Epsilon, y, tokenCount);
        RmsNormOperation.Backward(pool, x, w, Epsilon, dy, dx, dw, new float[tokenCount], tokenCount);

        y.ShouldBeNear(Twin(input, weight), "output");
        double Loss() => GradientCheck.Dot(cotangent, Twin(input, weight));
        dx.ShouldBeNear(Add(GradientCheck.CentralDifferences(Loss, input), cotangent), "gradient of the input, added");
        dw.ShouldBeNear(Add(GradientCheck.CentralDifferences(Loss, weight), weight), "gradient of the weight, added");
    }

    private static double[][] Twin(double[][] input, double[][] weight) =>
    [
        .. input.Select(row =>
        {
            double scale = 1 / Math.Sqrt(row.Sum(x => x * x) / row.Length + Epsilon);
            return row.Select((x, i) => x * scale * weight[0][i]).ToArray();
        }),
    ];

    private static double[][] Add(double[][] left, double[][] right) => [.. left.Zip(right, (a, b) => a.Zip(b, (x, y) => x + y).ToArray())];
}
