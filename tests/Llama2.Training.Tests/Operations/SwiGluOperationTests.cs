using Llama2.Threading;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;
using Llama2.Training.Tests.Tensors;

namespace Llama2.Training.Tests.Operations;

public class SwiGluOperationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(29)]
    [InlineData(70)]
    public void Backward_IsTheCentralDifferenceOfTheTwin(int width)
    {
        var random = new Random(1);
        double[][] gate = [.. RandomMatrices.Values(3, width, random).Select(row => row.Select(value => (double)(float)(8 * value)).ToArray())];
        double[][] up = RandomMatrices.Values(3, width, random), cotangent = RandomMatrices.Values(3, width, random);
        using var pool = new WorkerPool(2);
        using Matrix g = RandomMatrices.Of(gate), u = RandomMatrices.Of(up), dy = RandomMatrices.Of(cotangent), y = new(3, width), dg = new(3, width), du = new(3, width);

        SwiGluOperation.Forward(pool, g, u, y, 3);
        SwiGluOperation.Backward(pool, g, u, dy, dg, du, 3);

        double[][] Twin() => [.. gate.Zip(up, (left, right) => left.Zip(right, (a, b) => a / (1 + Math.Exp(-a)) * b).ToArray())];
        double Loss() => GradientCheck.Dot(cotangent, Twin());
        y.ShouldBeNear(Twin(), "output");
        dg.ShouldBeNear(GradientCheck.CentralDifferences(Loss, gate), "gradient of the gate");
        du.ShouldBeNear(GradientCheck.CentralDifferences(Loss, up), "gradient of up");
    }
}
