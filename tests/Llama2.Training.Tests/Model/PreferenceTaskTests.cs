using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Model;

public class PreferenceTaskTests
{
    [Fact]
    public void Accumulate_IsPyTorchsLossAndGradient()
    {
        Golden golden = Golden.Instance;
        PreferencePair[] pairs = [new PreferencePair(Sample(golden.Values.Samples[0]), Sample(golden.Values.Samples[2]))];
        using var pool = new WorkerPool(2);
        using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
        using TrainingModel model = golden.CreateAdapted(multiplier, hasCheckpoints: true);

        double loss = new PreferenceTask(pairs, golden.Shape.VocabularySize, golden.Values.Beta).Accumulate(model, new TokenBatch(64), [0], scale: 1);

        loss.Should().BeApproximately(golden.Values.PreferenceLoss, 1e-5);
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Gradient.ShouldBeNear(golden["preferenceGradients", parameter.Name], parameter.Name);
        }
    }

    private static TrainingSample Sample(Golden.Sample sample) => new(sample.Tokens, Array.ConvertAll(sample.Weights, weight => weight > 0));
}
