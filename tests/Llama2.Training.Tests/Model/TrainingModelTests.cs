using Llama2.Architectures;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Model;

/// <summary>Losses, gradients and training compared with PyTorch's automatic differentiation in float64 (tests/Reference/training.py).</summary>
public sealed class TrainingModelTests : IDisposable
{
    private static readonly Golden s_golden = Golden.Instance;
    private readonly WorkerPool _pool = new(2);
    private readonly MatrixMultiplier _multiplier;

    public TrainingModelTests() => _multiplier = new(_pool, WeightMatrixFactory.BestTier);

    public void Dispose()
    {
        _multiplier.Dispose();
        _pool.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_AllWeightsTrained_IsPyTorchsGradient(bool hasCheckpoints)
    {
        using TrainingModel model = s_golden.CreateTrained(_multiplier, hasCheckpoints);
        CheckGradients(model, s_golden.Values.FullLoss, "fullGradients");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_Adapters_IsPyTorchsGradient(bool hasCheckpoints)
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints);
        CheckGradients(model, s_golden.Values.LoraLoss, "loraGradients");
    }

    [Fact]
    public void TenSteps_AllWeightsTrained_ArePyTorchs()
    {
        using TrainingModel model = s_golden.CreateTrained(_multiplier, hasCheckpoints: true);
        CheckSteps(model, s_golden.Values.FullLosses, s_golden.Values.FullNorms, "fullTrained");
    }

    [Fact]
    public void TenSteps_Adapters_ArePyTorchs()
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true);
        CheckSteps(model, s_golden.Values.LoraLosses, s_golden.Values.LoraNorms, "loraTrained");
    }

    [Fact]
    public void ComputeLogProbabilities_AdaptersOff_IsTheModelWithoutThem()
    {
        using TrainingModel adapted = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true), trained = s_golden.CreateTrained(_multiplier, hasCheckpoints: true);
        TokenBatch batch = s_golden.Batch(3), expected = s_golden.Batch(3);

        adapted.Pass.UsesAdapters = false;
        adapted.Forward(batch);
        adapted.ComputeLogProbabilities(batch);
        trained.Forward(expected);
        trained.ComputeLogProbabilities(expected);

        batch.LogProbabilities.Should().Equal(expected.LogProbabilities);
        Loss(batch).Should().BeApproximately(s_golden.Values.FullLoss, 1e-5);
    }

    // By the chain rule, the gradient of a shared matrix is the sum of both gradients. The test above compares the separate gradients with PyTorch's.
    [Fact]
    public void Backward_OutputIsTheTableOfEmbeddings_AddsBothGradients()
    {
        using TrainingModel tied = s_golden.CreateWithOneTable(_multiplier, isOutputTied: true), apart = s_golden.CreateWithOneTable(_multiplier, isOutputTied: false);
        foreach (TrainingModel model in (TrainingModel[])[tied, apart])
        {
            TokenBatch batch = s_golden.Batch(3);
            model.Forward(batch);
            model.Backward(batch);
        }

        Matrix embedding = Gradient(apart, LlamaTensors.TokenEmbedding.Name()), output = Gradient(apart, LlamaTensors.Output.Name());
        tied.Parameters.Should().HaveCount(apart.Parameters.Count - 1);
        Gradient(tied, LlamaTensors.TokenEmbedding.Name()).ShouldBeNear(
            [.. Enumerable.Range(0, embedding.RowCount).Select(row => embedding[row].ToArray().Zip(output[row].ToArray(), (left, right) => (double)left + right).ToArray())], "table");
    }

    private static Matrix Gradient(TrainingModel model, string name) => model.Parameters.Single(parameter => parameter.Name == name).Gradient;

    private static void CheckGradients(TrainingModel model, double loss, string group)
    {
        TokenBatch batch = s_golden.Batch(3);
        // The pass is computed twice, and then once more without keeping activations. A pass must have no lasting effect except on the gradients.
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (Parameter parameter in model.Parameters)
            {
                parameter.Gradient.Clear(parameter.Gradient.RowCount);
            }

            model.Forward(batch);
            model.Backward(batch);
            Loss(batch).Should().BeApproximately(loss, 1e-5);
            model.Parameters.Select(parameter => parameter.Name).Should().BeEquivalentTo(s_golden.Names(group));
            foreach (Parameter parameter in model.Parameters)
            {
                parameter.Gradient.ShouldBeNear(s_golden[group, parameter.Name], parameter.Name);
            }
        }
    }

    private void CheckSteps(TrainingModel model, double[] losses, double[] norms, string group)
    {
        TokenBatch batch = s_golden.Batch(3);
        using var optimizer = new AdamW(model.Parameters, new AdamWSettings(0.9f, 0.95f, 1e-8f, 0.1f), quantizesMoments: false, _pool);
        for (int step = 0; step < losses.Length; step++)
        {
            model.Forward(batch);
            model.Backward(batch);
            double norm = optimizer.ComputeGradientNorm();
            Loss(batch).Should().BeApproximately(losses[step], 1e-4, $"of step {step}");
            norm.Should().BeApproximately(norms[step], 1e-4 * norms[step] + 1e-4, $"of step {step}");
            optimizer.Step(1e-2, Math.Min(1, 1 / (norm + 1e-6)));
        }

        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Values.ShouldBeNear(s_golden[group, parameter.Name], parameter.Name, tolerance: 1e-4);
        }
    }

    private static double Loss(TokenBatch batch)
        => -Enumerable.Range(0, batch.TargetCount).Sum(i => (double)batch.LogProbabilities[i] * batch.Weights[i]);
}
