using Llama2.Tensors;
using Llama2.Tests;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Model;

public class TrainingModelAllocationTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Step_AfterTheFirst_AllocatesNothing(bool isAdapted, bool hasMagnitudes)
    {
        using var pool = new WorkerPool(1);
        using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
        using TrainingModel model = isAdapted ? Golden.Instance.CreateAdapted(multiplier, hasCheckpoints: true, Golden.Instance.Lora with { UseWeightDecomposition = hasMagnitudes }, fill: _ => { }) : Golden.Instance.CreateTrained(multiplier, hasCheckpoints: true);
        using var optimizer = new AdamW(model.Parameters, new AdamWSettings(0.9f, 0.95f, 1e-8f, 0), quantizesMoments: false, pool);
        TokenBatch batch = Golden.Instance.Batch(3);

        long allocated = AllocationMeter.Measure(() =>
        {
            model.Forward(batch);
            model.Backward(batch);
            optimizer.Step(1e-3, 1 / optimizer.ComputeGradientNorm());
        });

        // Only enumerating the parameters allocates: a few bytes, whatever the model's size is.
        allocated.Should().BeLessThan(200);
    }
}
