using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Objectives;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Objectives;

/// <summary>Ten steps of each method, compared with PyTorch's automatic differentiation in float64 (tests/Reference/preferences.py).</summary>
public sealed class PreferenceStepsTests : IDisposable
{
    private static readonly PreferenceGolden s_golden = PreferenceGolden.Instance;
    private readonly WorkerPool _pool = new(2);
    private readonly MatrixMultiplier _multiplier;

    public PreferenceStepsTests() => _multiplier = new(_pool, WeightMatrixFactory.BestTier);

    public void Dispose()
    {
        _multiplier.Dispose();
        _pool.Dispose();
    }

    [Theory]
    [InlineData(PreferenceMethod.Dpo, "dpo", 5)]
    [InlineData(PreferenceMethod.Orpo, "orpo", 5)]
    [InlineData(PreferenceMethod.Orpo, "orpo", 1)]
    [InlineData(PreferenceMethod.SimPo, "simPo", 5)]
    [InlineData(PreferenceMethod.Kto, "kto", 5)]
    [InlineData(PreferenceMethod.Kto, "kto", 2)]
    [InlineData(PreferenceMethod.Kto, "kto", 1)]
    public void TenSteps_AdaptersAndAnyPacking_ArePyTorchs(PreferenceMethod method, string name, int samplesPerBatch)
    {
        using TrainingModel model = Golden.Instance.CreateAdapted(_multiplier, hasCheckpoints: true);
        CheckSteps(model, method, name, samplesPerBatch);
    }

    [Theory]
    [InlineData(PreferenceMethod.Dpo, "dpoFull")]
    [InlineData(PreferenceMethod.Kto, "ktoFull")]
    public void TenSteps_AllWeightsTrained_ArePyTorchs(PreferenceMethod method, string name)
    {
        using TrainingModel model = Golden.Instance.CreateTrained(_multiplier, hasCheckpoints: true);
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.KeepOriginal();
        }

        CheckSteps(model, method, name);
    }

    private void CheckSteps(TrainingModel model, PreferenceMethod method, string name, int samplesPerBatch = 5)
    {
        int vocabularySize = Golden.Instance.Shape.VocabularySize;
        ITrainingTask task = method == PreferenceMethod.Kto
            ? new KtoTask(s_golden.Rated, vocabularySize, contextLength: 64, s_golden.Options(method))
            : new PairTask(s_golden.Pairs, vocabularySize, s_golden.Options(method));
        int[] samples = [.. Enumerable.Range(0, task.Lengths.Length)];
        // The longest sample of KTO takes 8 tokens, the longest pair 17.
        var batch = new TokenBatch(samplesPerBatch == 5 ? 64 : method == PreferenceMethod.Kto ? 8 * samplesPerBatch : 17);
        using var optimizer = new AdamW(model.Parameters, new AdamWSettings(0.9f, 0.95f, 1e-8f, 0.1f), quantizesMoments: false, _pool);
        PreferenceGolden.Step[] steps = s_golden.Values.Steps[name];
        for (int step = 0; step < steps.Length; step++)
        {
            task.Prepare(model, batch, samples, CancellationToken.None);
            double evaluated = samples.Chunk(samplesPerBatch).Sum(part => task.Evaluate(model, batch, part, 1.0 / samples.Length));
            double loss = samples.Chunk(samplesPerBatch).Sum(part => task.Accumulate(model, batch, part, 1.0 / samples.Length));
            CheckGradients(model, name, step);
            double norm = optimizer.ComputeGradientNorm();

            loss.Should().BeApproximately(steps[step].Loss, 1e-4, $"of step {step}").And.Be(evaluated);
            norm.Should().BeApproximately(steps[step].Norm, 1e-4 * steps[step].Norm + 1e-4, $"of step {step}");
            CheckRewards(task.TakeRewards()!, steps[step]);
            optimizer.Step(PreferenceGolden.LearningRate, Math.Min(1, 1 / (norm + 1e-6)));
        }
    }

    private static void CheckRewards(PreferenceRewards rewards, PreferenceGolden.Step expected)
    {
        rewards.Chosen.Should().BeApproximately(expected.Chosen, 1e-4);
        rewards.Rejected.Should().BeApproximately(expected.Rejected, 1e-4);
        rewards.Margin.Should().BeApproximately(expected.Chosen - expected.Rejected, 2e-4);
        rewards.Accuracy.Should().Be(expected.Accuracy);
        (rewards.Divergence is null).Should().Be(expected.Divergence is null);
        (rewards.Divergence ?? 0).Should().BeApproximately(expected.Divergence ?? 0, 1e-4);
    }

    private static void CheckGradients(TrainingModel model, string name, int step)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            if (s_golden.Gradient(name, step, parameter.Name) is { } expected)
            {
                parameter.Gradient.ShouldBeNear(expected, $"step {step}, {parameter.Name}", tolerance: 1e-4);
            }
        }
    }
}
