using Llama2.Threading;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;
using Llama2.Training.Tests.Tensors;

namespace Llama2.Training.Tests.Operations;

public class EmbeddingOperationTests
{
    [Fact]
    public void Backward_AddsGradientsOfTheSameToken()
    {
        var random = new Random(1);
        double[][] table = RandomMatrices.Values(5, 70, random), cotangent = RandomMatrices.Values(4, 70, random);
        int[] tokens = [4, 1, 4, 0];
        using var pool = new WorkerPool(2);
        using Matrix t = RandomMatrices.Of(table), dy = RandomMatrices.Of(cotangent), y = new(4, 70), dt = new(5, 70);

        EmbeddingOperation.Forward(pool, t, tokens, y, 4);
        EmbeddingOperation.Backward(pool, tokens, dy, dt, 4);

        double[][] Twin() => [.. tokens.Select(token => table[token])];
        y.ShouldBeNear(Twin(), "output");
        dt.ShouldBeNear(GradientCheck.CentralDifferences(() => GradientCheck.Dot(cotangent, Twin()), table), "gradient");
    }
}
