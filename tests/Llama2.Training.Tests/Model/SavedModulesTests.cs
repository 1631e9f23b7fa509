using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training.Model;
using Llama2.Training.Objectives;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Model;

/// <summary>
/// Tensors, and rows of single tokens, that are trained beside LoRA, compared with PyTorch's automatic differentiation in float64 (tests/Reference/saved_modules.py).
/// </summary>
public sealed class SavedModulesTests : IDisposable
{
    private static readonly Golden s_golden = Golden.Instance;
    private static readonly GoldenMethods s_saved = GoldenMethods.SavedModules;
    private readonly WorkerPool _pool = new(2);
    private readonly MatrixMultiplier _multiplier;

    public SavedModulesTests() => _multiplier = new(_pool, WeightMatrixFactory.BestTier);

    public void Dispose()
    {
        _multiplier.Dispose();
        _pool.Dispose();
    }

    [Theory]
    [InlineData("saved", SavedModules.TokenMatrices, false)]
    [InlineData("saved", SavedModules.TokenMatrices, true)]
    [InlineData("savedEmbedding", SavedModules.TokenEmbedding, true)]
    [InlineData("savedOutput", SavedModules.Output, true)]
    [InlineData("savedNorms", SavedModules.Norms, false)]
    [InlineData("savedNorms", SavedModules.Norms, true)]
    [InlineData("savedInputNorm", SavedModules.AttentionNorm, true)]
    [InlineData("savedEmbeddingAndNorms", SavedModules.TokenEmbedding | SavedModules.Norms, true)]
    public void TenSteps_WholeTensors_ArePyTorchs(string method, SavedModules modules, bool hasCheckpoints)
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints, s_golden.Lora with { SavedModules = modules });
        TokenBatch batch = s_golden.Batch(3);

        CheckSteps(model, method, () =>
        {
            model.Forward(batch);
            model.Backward(batch);
            return -Enumerable.Range(0, batch.TargetCount).Sum(i => (double)batch.LogProbabilities[i] * batch.Weights[i]);
        });
    }

    [Theory]
    [InlineData("rows", true, true, false)]
    [InlineData("rows", true, true, true)]
    [InlineData("rowsEmbedding", true, false, true)]
    [InlineData("rowsOutput", false, true, true)]
    [InlineData("rowsTied", true, false, true)]
    public void TenSteps_RowsOfTokens_ArePyTorchs(string method, bool hasEmbeddings, bool hasOutputs, bool hasCheckpoints)
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints, WithRows(hasEmbeddings, hasOutputs), isOutputTied: method == "rowsTied");
        TokenBatch batch = s_golden.Batch(3);

        CheckSteps(model, method, () =>
        {
            model.Forward(batch);
            model.Backward(batch);
            return -Enumerable.Range(0, batch.TargetCount).Sum(i => (double)batch.LogProbabilities[i] * batch.Weights[i]);
        }, rate: method == "rowsTied" ? 1e-3 : 2e-3);
    }

    [Fact]
    public void TenSteps_PreferencesWithRowsOfTokens_ArePyTorchs()
    {
        PreferencePair[] pairs = [new PreferencePair(Sample(s_golden.Values.Samples[0]), Sample(s_golden.Values.Samples[2]))];
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, WithRows(hasEmbeddings: true, hasOutputs: true));
        var task = new PairTask(pairs, s_golden.Shape.VocabularySize, new PreferenceOptions { Beta = s_golden.Values.Beta });

        CheckSteps(model, "rowsPreference", () => task.Accumulate(model, new TokenBatch(64), [0], scale: 1));
    }

    // The reference of preferences is the model with its own tensors.
    [Theory]
    [InlineData("savedPreference", SavedModules.TokenMatrices)]
    [InlineData("savedNormsPreference", SavedModules.Norms)]
    public void TenSteps_PreferencesWithWholeTensors_ArePyTorchs(string method, SavedModules modules)
    {
        PreferencePair[] pairs = [new PreferencePair(Sample(s_golden.Values.Samples[0]), Sample(s_golden.Values.Samples[2]))];
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, s_golden.Lora with { SavedModules = modules });
        var task = new PairTask(pairs, s_golden.Shape.VocabularySize, new PreferenceOptions { Beta = s_golden.Values.Beta });

        CheckSteps(model, method, () => task.Accumulate(model, new TokenBatch(64), [0], scale: 1));
    }

    [Fact]
    public void Parameters_WholeTensors_BeginAsTheModels()
    {
        using TrainingModel model = s_golden.CreateAdapted(_multiplier, hasCheckpoints: true, s_golden.Lora with { SavedModules = SavedModules.All });

        foreach (string name in (string[])["token_embd.weight", "blk.0.attn_norm.weight", "blk.1.ffn_norm.weight", "output_norm.weight", "output.weight"])
        {
            model.Parameters.Single(parameter => parameter.Name == name).Values.ShouldBeNear(s_golden["weights", name], name, tolerance: 0);
        }
    }

    private static LoraOptions WithRows(bool hasEmbeddings, bool hasOutputs) => s_golden.Lora with { EmbeddingTokens = hasEmbeddings ? [5, 30, 0, 17] : [], OutputTokens = hasOutputs ? [30, 2, 11] : [] };

    private void CheckSteps(TrainingModel model, string method, Func<double> run, double rate = 2e-3)
    {
        (double[] losses, double[] norms) = s_saved.Values.Methods[method];
        using var optimizer = new AdamW(model.Parameters, new AdamWSettings(0.9f, 0.95f, 1e-8f, 0.1f), quantizesMoments: false, _pool);
        losses.Should().HaveCount(10);
        for (int step = 0; step < losses.Length; step++)
        {
            run().Should().BeApproximately(losses[step], 1e-4, $"of step {step}");
            if (step == 0)
            {
                Check(model, method, parameter => parameter.Gradient, 2e-5).Should().BeGreaterThan(0);
            }

            double norm = optimizer.ComputeGradientNorm();
            norm.Should().BeApproximately(norms[step], 1e-4 * norms[step] + 1e-4, $"of step {step}");
            optimizer.Step(rate, Math.Min(1, 1 / (norm + 1e-6)));
        }

        Check(model, $"{method}Trained", parameter => parameter.Values, 1e-4).Should().BeGreaterThan(0);
    }

    private static int Check(TrainingModel model, string group, Func<Parameter, Matrix> matrixOf, double tolerance)
    {
        Parameter[] known = [.. model.Parameters.Where(parameter => s_saved.Values.Tensors.ContainsKey($"{group}/{parameter.Name}"))];
        foreach (Parameter parameter in known)
        {
            matrixOf(parameter).ShouldBeNear(s_saved[group, parameter.Name], parameter.Name, tolerance);
        }

        return known.Length;
    }

    private static TrainingSample Sample(Golden.Sample sample) => new(sample.Tokens, Array.ConvertAll(sample.Weights, weight => weight > 0));
}
