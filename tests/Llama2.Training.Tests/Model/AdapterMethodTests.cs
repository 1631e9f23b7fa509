using Llama2.Tensors;
using Llama2.Tests;
using Llama2.Threading;
using Llama2.Training.Export;
using Llama2.Training.Model;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Model;

/// <summary>
/// Variants of LoRA compared with PyTorch's automatic differentiation in float64 (tests/Reference/adapter_methods.py, dora.py): losses and norms of ten steps, and
/// the gradients of the first step or the values after the last. The gradients of a step decide the losses of the following steps.
/// </summary>
public sealed class AdapterMethodTests : IDisposable
{
    private static readonly Golden s_golden = Golden.Instance;
    private static readonly GoldenMethods s_methods = GoldenMethods.Instance, s_dora = GoldenMethods.Dora;
    private readonly WorkerPool _pool = new(2);
    private readonly MatrixMultiplier _multiplier;

    public AdapterMethodTests() => _multiplier = new(_pool, WeightMatrixFactory.BestTier);

    public void Dispose()
    {
        _multiplier.Dispose();
        _pool.Dispose();
    }

    [Fact]
    public void TenSteps_LoraPlus_ArePyTorchs()
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, s_golden.Lora with { LoraPlusRatio = s_methods.Values.LoraPlusRatio });

        CheckSteps(model, "loraPlus");

        CheckAll(model, "loraPlus", parameter => parameter.Values, 1e-4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TenSteps_NoiseOnEmbeddings_ArePyTorchs(bool hasCheckpoints)
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints, neftuneAlpha: s_methods.Values.NeftuneAlpha);
        model.Pass.IsTraining = true;

        CheckSteps(model, "neftune");
    }

    [Fact]
    public void Forward_NoiseOnEmbeddings_IsOnlyAddedInTrainingAndNotForTheReference()
    {
        using TrainingModel plain = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true), noisy = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, neftuneAlpha: 5);
        float[] expected = LogProbabilities(plain), reference = LogProbabilities(plain, usesAdapters: false);

        LogProbabilities(noisy).Should().Equal(expected);
        noisy.Pass.IsTraining = true;
        LogProbabilities(noisy).Should().NotEqual(expected);
        LogProbabilities(noisy, usesAdapters: false).Should().Equal(reference);
    }

    [Fact]
    public void TenSteps_OnTopOfAFrozenAdapter_ArePyTorchs()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("frozen.gguf");
        WriteAdapter(path, "frozen");
        LoraOptions lora = s_golden.Lora with { FrozenAdapters = [(path, s_methods.Values.FrozenScale)] };
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, lora);

        CheckSteps(model, "stacked");
    }

    [Fact]
    public void TenSteps_RanksAndAlphasByPattern_ArePyTorchs()
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, Patterned, fill: parameter => Golden.Fill(parameter, s_methods["patterned", parameter.Name]));

        CheckSteps(model, "patterns");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TenSteps_Magnitudes_ArePyTorchs(bool hasCheckpoints)
    {
        LoraOptions lora = s_golden.Lora with { UseWeightDecomposition = true, LoraPlusRatio = s_dora.Values.LoraPlusRatio };
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints, lora, fill: Start);

        CheckSteps(model, "dora", s_dora);
    }

    [Fact]
    public void TenSteps_MagnitudesOnTopOfAFrozenAdapter_ArePyTorchs()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("frozen.gguf");
        WriteAdapter(path, "frozen", s_dora);
        LoraOptions lora = s_golden.Lora with { UseWeightDecomposition = true, FrozenAdapters = [(path, s_dora.Values.FrozenScale)] };
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, lora, fill: Start);

        CheckSteps(model, "stacked", s_dora);
    }

    [Fact]
    public void TenSteps_MagnitudesWithRanksByPatternAndRankStabilization_ArePyTorchs()
    {
        LoraOptions lora = Patterned with { UseWeightDecomposition = true, UseRankStabilization = true };
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, lora, fill: parameter => Golden.Fill(parameter, s_dora["patterned", parameter.Name]));

        CheckSteps(model, "patterns", s_dora);
    }

    private static LoraOptions Patterned => s_golden.Lora with
    {
        RankPattern = [.. s_methods.Values.RankPattern.Select(entry => (entry.Key, entry.Value))],
        AlphaPattern = [.. s_methods.Values.AlphaPattern.Select(entry => (entry.Key, entry.Value))],
    };

    private static void Start(Parameter parameter)
        => Golden.Fill(parameter, parameter.Name.EndsWith(DoraProjection.Suffix, StringComparison.Ordinal) ? s_dora["started", parameter.Name] : s_golden["adapters", parameter.Name]);

    private void WriteAdapter(string path, string group, GoldenMethods? golden = null)
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true);
        foreach (Parameter parameter in model.Parameters)
        {
            Golden.Fill(parameter, (golden ?? s_methods)[group, parameter.Name]);
        }

        GgufAdapterWriter.Write(path, model.Parameters, LoraLayout.Of(s_golden.Lora, s_golden.Shape), [], s_golden.Shape, []);
    }

    private static float[] LogProbabilities(TrainingModel model, bool usesAdapters = true)
    {
        TokenBatch batch = s_golden.Batch(3);
        model.Pass.UsesAdapters = usesAdapters;
        model.Forward(batch);
        model.ComputeLogProbabilities(batch);
        model.Pass.UsesAdapters = true;
        return batch.LogProbabilities[..batch.TargetCount];
    }

    private void CheckSteps(TrainingModel model, string method, GoldenMethods? golden = null)
    {
        golden ??= s_methods;
        (double[] losses, double[] norms) = golden.Values.Methods[method];
        TokenBatch batch = s_golden.Batch(3);
        using var optimizer = new AdamW(model.Parameters, new AdamWSettings(0.9f, 0.95f, 1e-8f, 0.1f), quantizesMoments: false, _pool);
        losses.Should().HaveCount(10);
        for (int step = 0; step < losses.Length; step++)
        {
            model.Pass.Seed = golden.Values.NoiseSeedStride * (ulong)step;
            model.Forward(batch);
            model.Backward(batch);
            if (step == 0 && method != "loraPlus")
            {
                CheckAll(model, method, parameter => parameter.Gradient, 2e-5, golden);
            }

            double norm = optimizer.ComputeGradientNorm();
            Loss(batch).Should().BeApproximately(losses[step], 1e-4, $"of step {step}");
            norm.Should().BeApproximately(norms[step], 1e-4 * norms[step] + 1e-4, $"of step {step}");
            optimizer.Step(2e-3, Math.Min(1, 1 / (norm + 1e-6)));
        }
    }

    private static void CheckAll(TrainingModel model, string method, Func<Parameter, Matrix> matrixOf, double tolerance, GoldenMethods? golden = null)
    {
        golden ??= s_methods;
        model.Parameters.Select(parameter => $"{method}/{parameter.Name}").Should().BeEquivalentTo(golden.Values.Tensors.Keys.Where(name => name.StartsWith(method + "/", StringComparison.Ordinal)));
        foreach (Parameter parameter in model.Parameters)
        {
            matrixOf(parameter).ShouldBeNear(golden[method, parameter.Name], parameter.Name, tolerance);
        }
    }

    private static double Loss(TokenBatch batch)
        => -Enumerable.Range(0, batch.TargetCount).Sum(i => (double)batch.LogProbabilities[i] * batch.Weights[i]);
}
