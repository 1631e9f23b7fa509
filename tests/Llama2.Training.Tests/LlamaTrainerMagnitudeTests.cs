using System.Text.Json;
using Llama2.Adapters;
using Llama2.Formats;
using Llama2.Formats.SafeTensors;

namespace Llama2.Training.Tests;

/// <summary>Training of magnitudes (DoRA) from the model to the files.</summary>
public sealed class LlamaTrainerMagnitudeTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private static readonly LoraOptions s_lora = new() { Rank = 4, Alpha = 8, UseWeightDecomposition = true };

    private static TrainingOptions Options => TinyTraining.Options with { Lora = s_lora, MaxStepCount = 6 };

    [Theory]
    [InlineData("F32", BaseQuantization.AsStored)]
    [InlineData("Q8_0", BaseQuantization.AsStored)]
    [InlineData("F32", BaseQuantization.Nf4)]
    public void Train_AnyBase_BeginsWithTheUnchangedModelAndLearns(string model, BaseQuantization quantization)
    {
        TrainingOptions options = Options with { BaseQuantization = quantization, EpochCount = 10, MaxStepCount = null };
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model(model), options), plain = LlamaTrainer.Open(tiny.Model(model), options with { Lora = s_lora with { UseWeightDecomposition = false } });
        double before = plain.Evaluate(TinyTraining.Data);

        trainer.Evaluate(TinyTraining.Data).Should().BeApproximately(before, 1e-5);
        trainer.Train(TinyTraining.Data);

        trainer.Evaluate(TinyTraining.Data).Should().BeLessThan(before - 0.5);
        trainer.ParameterCount.Should().Be(plain.ParameterCount + 2 * (64 + 32 + 32 + 64 + 96 + 96 + 64), "each row has a magnitude");
    }

    [Fact]
    public void Train_AnyThreadCountAndActivationsKeptOrNot_GivesTheSameBits()
    {
        byte[][] saved = [.. new[] { (1, true), (2, true), (3, true), (2, false) }.Select(run =>
        {
            using LlamaTrainer trainer = Open(Options with { Lora = s_lora with { Dropout = 0.2f }, ThreadCount = run.Item1, RecomputeActivations = run.Item2 });
            trainer.Train(TinyTraining.Data);
            return Save(trainer);
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
        second.StepCount.Should().Be(3);
        second.Train(TinyTraining.Data);

        Save(second).Should().Equal(Save(whole));
        using LlamaTrainer plain = Open(options with { Lora = s_lora with { UseWeightDecomposition = false } });
        FluentActions.Invoking(() => plain.Resume(checkpoint)).Should().Throw<CheckpointException>().WithMessage("*other options*DoRA*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_InitialAdapterWithMagnitudes_ContinuesFromThem(bool isFolder)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}{(isFolder ? "" : ".gguf")}");
        using LlamaTrainer trainer = Open(Options);
        trainer.Train(TinyTraining.Data);
        SaveAs(trainer, path, isFolder);

        using LlamaTrainer continued = Open(Options with { Lora = new LoraOptions { InitialAdapterPath = path } });

        continued.Evaluate(TinyTraining.Data).Should().BeApproximately(trainer.Evaluate(TinyTraining.Data), 1e-6);
        continued.ParameterCount.Should().Be(trainer.ParameterCount);
        continued.Train(TinyTraining.Data);
        Save(continued).Should().NotEqual(Save(trainer));
    }

    [Fact]
    public void Open_InitialAdapterWithoutMagnitudes_BeginsWithTheNormsOfItsRows()
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        using LlamaTrainer plain = Open(Options with { Lora = s_lora with { UseWeightDecomposition = false } });
        plain.Train(TinyTraining.Data);
        plain.SaveAdapter(path);

        using LlamaTrainer trainer = Open(Options with { Lora = new LoraOptions { InitialAdapterPath = path, UseWeightDecomposition = true } });

        trainer.Evaluate(TinyTraining.Data).Should().BeApproximately(plain.Evaluate(TinyTraining.Data), 1e-5);
        trainer.ParameterCount.Should().BeGreaterThan(plain.ParameterCount);
    }

    // The rows of queries and keys have another order in PEFT's files.
    [Fact]
    public void SavePeftAdapter_Magnitudes_HaveTheNamesOfPeft()
    {
        string folder = tiny.Path($"{Guid.NewGuid():N}"), path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        using LlamaTrainer trainer = Open(Options);
        trainer.Train(TinyTraining.Data);
        trainer.SavePeftAdapter(folder);
        trainer.SaveAdapter(path);

        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "adapter_config.json"))).RootElement.GetProperty("use_dora").GetBoolean().Should().BeTrue();
        using (SafeTensorsFile weights = SafeTensorsFile.Open(ByteSources.Open(Path.Combine(folder, "adapter_model.safetensors"), memoryMapped: false)))
        {
            weights.Entries.Single(entry => entry.Name == "base_model.model.model.layers.1.mlp.up_proj.lora_magnitude_vector").Shape.Should().Equal(96);
            weights.Entries.Count(entry => entry.Name.EndsWith(".lora_magnitude_vector", StringComparison.Ordinal)).Should().Be(14);
        }

        using AdapterFile peft = AdapterFile.Open(folder), gguf = AdapterFile.Open(path);
        foreach ((AdapterPair first, AdapterPair second) in peft.Pairs.Zip(gguf.Pairs))
        {
            float[] stored = first.Magnitudes!.ReadNumbers(), ordered = first.OrderRows(stored, headLength: 16), expected = second.Magnitudes!.ReadNumbers();
            ordered.Should().Equal(expected, first.BaseName);
            stored.SequenceEqual(expected).Should().Be(!first.HasHuggingFaceHeads, first.BaseName);
        }
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 0.5f)]
    public async Task SaveAdapter_Magnitudes_RunsAndMergesAsTrained(bool isFolder, float frozenScale)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}{(isFolder ? "" : ".gguf")}"), merged = tiny.Path($"{Guid.NewGuid():N}.gguf"), below = tiny.Path($"{Guid.NewGuid():N}.gguf");
        using (LlamaTrainer first = Open(Options with { Lora = new LoraOptions { Rank = 3 } }))
        {
            first.Train(TinyTraining.Data);
            first.SaveAdapter(below);
        }

        using LlamaTrainer trainer = Open(Options with { Lora = s_lora with { FrozenAdapters = frozenScale > 0 ? [(below, frozenScale)] : [] } });
        trainer.Train(TinyTraining.Data);
        double loss = trainer.Evaluate(TinyTraining.Data);
        SaveAs(trainer, path, isFolder);
        trainer.SaveMergedModel(merged);

        using LlamaModel model = LlamaModel.Load(tiny.Model("F32")), whole = LlamaModel.Load(merged);
        using LlamaAdapter adapter = model.LoadAdapter(path), frozen = model.LoadAdapter(below);
        LlamaAdapterUse[] uses = frozenScale > 0 ? [new LlamaAdapterUse(frozen, frozenScale), new LlamaAdapterUse(adapter)] : [new LlamaAdapterUse(adapter)];
        (await TinyTraining.LossOf(model, uses)).Should().BeApproximately(loss, 1e-5);
        (await TinyTraining.LossOf(whole, [])).Should().BeApproximately(loss, 1e-5);
        AdapterInformation.Read(path).HasMagnitudes.Should().BeTrue();
    }

    [Fact]
    public void Train_Preferences_HaveTheModelWithoutMagnitudesAsReference()
    {
        using LlamaTrainer trainer = Open(Options with { EpochCount = 10, MaxStepCount = null });
        trainer.Evaluate(TinyTraining.Preferences).Should().BeApproximately(Math.Log(2), 1e-5);

        trainer.Train(TinyTraining.Preferences);

        trainer.Evaluate(TinyTraining.Preferences).Should().BeLessThan(0.5);
    }

    private LlamaTrainer Open(TrainingOptions options) => LlamaTrainer.Open(tiny.Model("F32"), options);

    private byte[] Save(LlamaTrainer trainer)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        trainer.SaveAdapter(path);
        return File.ReadAllBytes(path);
    }

    private static void SaveAs(LlamaTrainer trainer, string path, bool isFolder)
    {
        if (isFolder)
        {
            trainer.SavePeftAdapter(path);
        }
        else
        {
            trainer.SaveAdapter(path);
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
