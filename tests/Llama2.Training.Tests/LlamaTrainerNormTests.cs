namespace Llama2.Training.Tests;

/// <summary>Norms that are trained beside LoRA, from the model to the files.</summary>
public sealed class LlamaTrainerNormTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private static TrainingOptions Options => TinyTraining.Options with { Lora = new LoraOptions { Rank = 4, Alpha = 8, SavedModules = SavedModules.Norms }, MaxStepCount = 6 };

    [Theory]
    [InlineData("gguf")]
    [InlineData("peft")]
    [InlineData("merged")]
    [InlineData("merged folder")]
    public async Task Save_Norms_GivesTheTrainersLoss(string form)
    {
        using LlamaTrainer trainer = Open(Options with { EpochCount = 8, MaxStepCount = null }), plain = Open(Options with { Lora = new LoraOptions { Rank = 4, Alpha = 8 } });
        trainer.Train(TinyTraining.Data);
        double loss = trainer.Evaluate(TinyTraining.Data);
        string path = tiny.Path($"norms-{form}{(form is "gguf" or "merged" ? ".gguf" : "")}");
        Save(trainer, path, form);

        using LlamaModel model = LlamaModel.Load(form.StartsWith("merged", StringComparison.Ordinal) ? path : tiny.Model("F32"));
        if (form.StartsWith("merged", StringComparison.Ordinal))
        {
            (await TinyTraining.LossOf(model, [])).Should().BeApproximately(loss, 1e-5);
            return;
        }

        using LlamaAdapter adapter = model.LoadAdapter(path);
        (await TinyTraining.LossOf(model, [new(adapter)])).Should().BeApproximately(loss, 1e-5);
        (await TinyTraining.LossOf(model, [])).Should().BeGreaterThan(loss + 0.1);
        trainer.ParameterCount.Should().Be(plain.ParameterCount + (2 * 2 + 1) * 64);
        AdapterInformation information = AdapterInformation.Read(path);
        information.ParameterCount.Should().Be(trainer.ParameterCount);
        information.Tensors.Where(tensor => tensor.Rank == 0).Select(tensor => tensor.BaseName).Should().Equal(
            "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "blk.1.attn_norm.weight", "blk.1.ffn_norm.weight", "output_norm.weight");
        information.TrainingRecords.Should().ContainSingle().Which.Settings.Should().Contain("whole input_layernorm, post_attention_layernorm, model.norm");
    }

    // All weights of the norms differ from the model's after training, and the model itself does not change.
    [Fact]
    public void Train_Norms_ChangesEachOfThem()
    {
        using LlamaTrainer trainer = Open(Options);
        double before = trainer.Evaluate(TinyTraining.Data);
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf"), begin = tiny.Path($"{Guid.NewGuid():N}.gguf");
        trainer.SaveAdapter(begin);
        trainer.Train(TinyTraining.Data);
        trainer.SaveAdapter(path);

        trainer.Evaluate(TinyTraining.Data).Should().BeLessThan(before);
        using LlamaModel model = LlamaModel.Load(tiny.Model("F32"));
        using LlamaAdapter trained = model.LoadAdapter(path), own = model.LoadAdapter(begin);
        (trained.ByteSize - own.ByteSize).Should().Be((2 * 2 + 1) * 64 * sizeof(float), "norms that are the model's are not kept");
    }

    [Fact]
    public void Train_AnyThreadCountAndActivationsKeptOrNot_GivesTheSameBits()
    {
        byte[][] saved = [.. new[] { (1, true), (2, true), (3, true), (2, false) }.Select(run =>
        {
            using LlamaTrainer trainer = Open(Options with { ThreadCount = run.Item1, RecomputeActivations = run.Item2 });
            trainer.Train(TinyTraining.Data);
            return Saved(trainer);
        })];

        saved.Skip(1).Should().AllSatisfy(bytes => bytes.Should().Equal(saved[0]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Resume_InTheMiddle_GivesTheSameBits(bool quantizesMoments)
    {
        string checkpoint = tiny.Path($"{Guid.NewGuid():N}.checkpoint");
        TrainingOptions options = Options with { QuantizeMoments = quantizesMoments, CheckpointPath = checkpoint, CheckpointInterval = 3 };
        using LlamaTrainer whole = Open(options with { CheckpointPath = null }), first = Open(options), second = Open(options);
        whole.Train(TinyTraining.Data);
        using var cancellation = new CancellationTokenSource();
        FluentActions.Invoking(() => first.Train(TinyTraining.Data, progress: new Canceller(cancellation, 3), cancellationToken: cancellation.Token)).Should().Throw<OperationCanceledException>();

        second.Resume(checkpoint);
        second.Train(TinyTraining.Data);

        Saved(second).Should().Equal(Saved(whole));
        using LlamaTrainer other = Open(options with { Lora = options.Lora! with { SavedModules = SavedModules.OutputNorm } });
        FluentActions.Invoking(() => other.Resume(checkpoint)).Should().Throw<CheckpointException>().WithMessage("*other options*");
    }

    [Fact]
    public void Train_PreferencesWithNorms_BeginsAtTheReference()
    {
        using LlamaTrainer trainer = Open(Options with { EpochCount = 10, MaxStepCount = null });

        TrainingResult result = trainer.Train(TinyTraining.Preferences);

        result.Losses[0].Should().BeApproximately(Math.Log(2), 1e-6, "norms that are those of the model gain nothing");
        result.Losses[^1].Should().BeLessThan(0.85 * result.Losses[0]);
    }

    private LlamaTrainer Open(TrainingOptions options) => LlamaTrainer.Open(tiny.Model("F32"), options);

    private byte[] Saved(LlamaTrainer trainer)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        trainer.SaveAdapter(path);
        return File.ReadAllBytes(path);
    }

    private static void Save(LlamaTrainer trainer, string path, string form)
    {
        switch (form)
        {
            case "gguf": trainer.SaveAdapter(path); break;
            case "peft": trainer.SavePeftAdapter(path); break;
            default: trainer.SaveMergedModel(path, new AdapterMergeOptions { Quantization = ModelQuantization.F32 }); break;
        }
    }

    private sealed class Canceller(CancellationTokenSource cancellation, int step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
            {
                cancellation.Cancel();
            }
        }
    }
}
