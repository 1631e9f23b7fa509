using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Objectives;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Objectives;

public class PairTaskTests
{
    [Fact]
    public void Accumulate_OnePair_IsPyTorchsLossAndGradient()
    {
        Golden golden = Golden.Instance;
        PreferencePair[] pairs = [new PreferencePair(Sample(golden.Values.Samples[0]), Sample(golden.Values.Samples[2]))];
        using var pool = new WorkerPool(2);
        using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
        using TrainingModel model = golden.CreateAdapted(multiplier, hasCheckpoints: true);

        double loss = new PairTask(pairs, golden.Shape.VocabularySize, new PreferenceOptions { Beta = golden.Values.Beta }).Accumulate(model, new TokenBatch(64), [0], scale: 1);

        loss.Should().BeApproximately(golden.Values.PreferenceLoss, 1e-5);
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.Gradient.ShouldBeNear(golden["preferenceGradients", parameter.Name], parameter.Name);
        }
    }

    [Theory]
    [InlineData(PreferenceMethod.Dpo, true)]
    [InlineData(PreferenceMethod.Orpo, false)]
    [InlineData(PreferenceMethod.SimPo, false)]
    public void Evaluate_ReferenceOfNaN_MattersOnlyToMethodsWithAReference(PreferenceMethod method, bool usesReference)
    {
        Golden golden = Golden.Instance;
        using var pool = new WorkerPool(2);
        using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
        using TrainingModel model = golden.CreateTrained(multiplier, hasCheckpoints: true);
        Parameter norm = model.Parameters[1];
        float[] values = norm.Values[0].ToArray();
        norm.Values[0].Fill(float.NaN);
        norm.KeepOriginal();
        values.CopyTo(norm.Values[0]);

        var task = new PairTask(PreferenceGolden.Instance.Pairs, golden.Shape.VocabularySize, new PreferenceOptions { Method = method });
        var batch = new TokenBatch(64);

        task.Prepare(model, batch, [0, 1], CancellationToken.None);
        double loss = task.Evaluate(model, batch, [0, 1], scale: 1);

        double.IsFinite(loss).Should().Be(!usesReference);
    }

    [Fact]
    public void Evaluate_AnyOtherPairsInTheBatch_GivesTheSameBits()
    {
        Golden golden = Golden.Instance;
        using var pool = new WorkerPool(2);
        using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
        using TrainingModel model = golden.CreateAdapted(multiplier, hasCheckpoints: true);
        PairTask Create() => new(PreferenceGolden.Instance.Pairs, golden.Shape.VocabularySize, new PreferenceOptions());
        double Loss(PairTask task, params int[] samples) => task.Evaluate(model, new TokenBatch(64), samples, scale: 1);
        PairTask alone = Create(), together = Create();

        double first = Loss(alone, 0), second = Loss(alone, 1);

        Loss(together, 0, 1).Should().Be(first + second);
        Loss(Create(), 1, 0).Should().Be(second + first);
        Loss(together, 1).Should().Be(second, "the reference is known from the batch before");
    }

    // Exact arithmetic: with answers of one token each, the odds ratio of probabilities 0.8 and 0.5 is (0.8 / 0.2) / (0.5 / 0.5) = 4.
    [Fact]
    public void OrpoLoss_ProbabilitiesOfOneToken_HasTheirOddsRatio()
    {
        PairResult result = new OrpoLoss(0.5).Compute(new AnswerScore(Math.Log(0.8), 0, 1), new AnswerScore(Math.Log(0.5), 0, 1), meanTokenCount: 1);

        result.Loss.Should().BeApproximately(-Math.Log(0.8) - 0.5 * Math.Log(4.0 / 5), 1e-12);
        result.ChosenWeight.Should().BeApproximately(1 + 0.5 * (1 / 5.0) / 0.2, 1e-12);
        result.RejectedWeight.Should().BeApproximately(-0.5 * (1 / 5.0) / 0.5, 1e-12);
    }

    [Theory]
    [InlineData(0, -1)]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(-1e4, -1e4)]
    public void AnyLoss_CertainOrImpossibleAnswers_IsFinite(double chosen, double rejected)
    {
        foreach (IPairLoss loss in (IPairLoss[])[new DpoLoss(0.1), new OrpoLoss(0.1), new SimPoLoss(2, 0.5)])
        {
            PairResult result = loss.Compute(new AnswerScore(chosen, 0, 1), new AnswerScore(rejected, 0, 1), meanTokenCount: 1);

            double.IsFinite(result.Loss + result.ChosenWeight + result.RejectedWeight).Should().BeTrue($"of {loss}");
            result.ChosenWeight.Should().BeGreaterThanOrEqualTo(0);
            result.RejectedWeight.Should().BeLessThanOrEqualTo(0);
        }
    }

    private static TrainingSample Sample(Golden.Sample sample) => new(sample.Tokens, Array.ConvertAll(sample.Weights, weight => weight > 0));
}
