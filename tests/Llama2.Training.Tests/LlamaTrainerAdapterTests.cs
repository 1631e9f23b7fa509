using System.Text.Json;
using Llama2.Formats.Gguf;
using Llama2.Tests;

namespace Llama2.Training.Tests;

/// <summary>Training that begins with existing adapters: continuing one, and training a new one on top of others.</summary>
public sealed class LlamaTrainerAdapterTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private static TrainingOptions Options => TinyTraining.Options with { EpochCount = 6 };

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Open_InitialAdapter_ContinuesFromItsNumbers(bool isFolder, bool isRankStabilized)
    {
        var lora = new LoraOptions { Rank = 3, Alpha = 5, UseRankStabilization = isRankStabilized, Targets = LoraTargets.Query | LoraTargets.Value | LoraTargets.Down };
        (string path, double loss, byte[] saved) = TrainFirst(isFolder, Options with { Lora = lora });
        using LlamaTrainer trainer = Open(new LoraOptions { InitialAdapterPath = path });

        trainer.Evaluate(TinyTraining.Data).Should().BeApproximately(loss, 1e-6);
        Save(trainer).Length.Should().Be(saved.Length, "rank and layers are those of the adapter, not the default");
        trainer.Train(TinyTraining.Data);
        trainer.Evaluate(TinyTraining.Data).Should().BeLessThan(loss - 0.2);
    }

    [Fact]
    public void Open_InitialAdapter_SavesTheSameFileBeforeTraining()
    {
        (string path, _, byte[] saved) = TrainFirst(isFolder: false, Options);
        using LlamaTrainer trainer = Open(new LoraOptions { InitialAdapterPath = path });

        Save(trainer).Should().Equal(saved);
    }

    // The layers and ranks of the two adapters differ, so PEFT's configuration must state them for each module.
    [Fact]
    public void SavePeftAdapter_LayersOfDifferentRanks_IsReadWithTheSameScales()
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf"), folder = tiny.Path($"{Guid.NewGuid():N}");
        using (GgufFile first = GgufFile.Open(TrainFirst(isFolder: false, Options).Path), second = GgufFile.Open(TrainFirst(isFolder: false, Options with { Lora = new LoraOptions { Rank = 7, Alpha = 8 } }).Path))
        using (var writer = new GgufWriter(path))
        {
            foreach ((string key, object value) in first.Metadata)
            {
                writer.Add(key, value);
            }

            (GgufFile File, Formats.TensorDescription Tensor)[] tensors =
            [
                .. first.Tensors.Where(tensor => tensor.Name.StartsWith("blk.0.attn_q", StringComparison.Ordinal)).Select(tensor => (first, tensor)),
                .. second.Tensors.Where(tensor => tensor.Name.StartsWith("blk.1.", StringComparison.Ordinal)).Select(tensor => (second, tensor)),
            ];
            Array.ForEach(tensors, entry => writer.AddTensor(entry.Tensor.Name, entry.Tensor.Type, [.. entry.Tensor.Dimensions]));
            foreach ((GgufFile file, Formats.TensorDescription tensor) in tensors)
            {
                byte[] bytes = new byte[tensor.ByteSize];
                file.Read(tensor, 0, bytes);
                writer.Write(bytes);
                writer.EndTensor();
            }

            writer.Complete();
        }

        using LlamaTrainer trainer = Open(new LoraOptions { InitialAdapterPath = path });
        trainer.SavePeftAdapter(folder);

        AdapterInformation gguf = AdapterInformation.Read(path), peft = AdapterInformation.Read(folder);
        peft.Tensors.Select(tensor => (tensor.BaseName, tensor.Rank)).Should().Equal(gguf.Tensors.Select(tensor => (tensor.BaseName, tensor.Rank)));
        peft.Tensors.Zip(gguf.Tensors).Should().OnlyContain(pair => Math.Abs(pair.First.Scale - pair.Second.Scale) <= 1e-6);
        JsonElement configuration = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "adapter_config.json"))).RootElement;
        configuration.GetProperty("r").GetInt32().Should().Be(7);
        configuration.GetProperty("rank_pattern").GetRawText().Replace(" ", "", StringComparison.Ordinal).Should().Be("{\n\"model.layers.0.self_attn.q_proj\":4\n}");
        configuration.GetProperty("target_modules").EnumerateArray().Select(module => module.GetString()).Take(3)
            .Should().Equal("q_proj", "model.layers.1.self_attn.k_proj", "model.layers.1.self_attn.v_proj");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SaveAdapter_RanksAndAlphasByPattern_GivesTheTrainersLoss(bool isRankStabilized)
    {
        string gguf = tiny.Path($"{Guid.NewGuid():N}.gguf"), peft = tiny.Path($"{Guid.NewGuid():N}"), merged = tiny.Path($"{Guid.NewGuid():N}.gguf");
        using LlamaTrainer trainer = Open(Options with
        {
            MaxStepCount = 6,
            Lora = new LoraOptions
            {
                Rank = 4,
                UseRankStabilization = isRankStabilized,
                RankPattern = [("q_proj", 2), (@".*\.1\.mlp\..*", 6)],
                AlphaPattern = [("layers.0.self_attn.v_proj", 5), ("(gate|up)_proj", 30)],
            },
        });
        trainer.Train(TinyTraining.Data);
        double loss = trainer.Evaluate(TinyTraining.Data);
        trainer.SaveAdapter(gguf);
        trainer.SavePeftAdapter(peft);
        trainer.SaveMergedModel(merged);

        using LlamaModel model = LlamaModel.Load(tiny.Model("F32")), whole = LlamaModel.Load(merged);
        foreach (string path in (string[])[gguf, peft])
        {
            using LlamaAdapter adapter = model.LoadAdapter(path);
            (await TinyTraining.LossOf(model, [new LlamaAdapterUse(adapter)])).Should().BeApproximately(loss, 1e-5, path);
            adapter.MaxRank.Should().Be(6);
        }

        (await TinyTraining.LossOf(whole, [])).Should().BeApproximately(loss, 1e-5);
        AdapterInformation information = AdapterInformation.Read(peft);
        information.Tensors.Single(tensor => tensor.BaseName == "blk.0.attn_v.weight").Scale.Should().BeApproximately(isRankStabilized ? 2.5f : 1.25f, 1e-6f);
        information.Tensors.Single(tensor => tensor.BaseName == "blk.1.ffn_up.weight").Rank.Should().Be(6);
    }

    [Theory]
    [InlineData("x_proj", "*'x_proj' of the ranks (LoraOptions.RankPattern, --rank-pattern) matches no adapted matrix*'model.layers.0.self_attn.q_proj'*")]
    [InlineData("(", "*The pattern '(' is not valid*")]
    public void Open_PatternThatDoesNotFit_IsRefused(string pattern, string fault)
        => FluentActions.Invoking(() => Open(new LoraOptions { RankPattern = [(pattern, 2)] })).Should().Throw<ArgumentException>().WithMessage(fault);

    [Fact]
    public void Resume_AnotherInitialAdapter_IsRefused()
    {
        string checkpoint = tiny.Path("continued.checkpoint"), first = TrainFirst(isFolder: false, Options).Path, second = TrainFirst(isFolder: false, Options with { Seed = 9 }).Path;
        TrainingOptions options = Options with { MaxStepCount = 2, CheckpointPath = checkpoint, Lora = new LoraOptions { InitialAdapterPath = first } };
        using LlamaTrainer trainer = Open(options), same = Open(options), other = Open(options with { Lora = new LoraOptions { InitialAdapterPath = second } }), none = Open(options with { Lora = new LoraOptions() });
        trainer.Train(TinyTraining.Data);

        same.Resume(checkpoint);
        same.StepCount.Should().Be(2);
        FluentActions.Invoking(() => other.Resume(checkpoint)).Should().Throw<CheckpointException>().WithMessage("*other options*");
        FluentActions.Invoking(() => none.Resume(checkpoint)).Should().Throw<CheckpointException>().WithMessage("*other options*");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Train_OnTopOfAFrozenAdapter_IsWhatRunsWithBothAndWhatMerges(int threadCount)
    {
        string first = TrainFirst(isFolder: true, Options).Path, merged = tiny.Path($"{Guid.NewGuid():N}.gguf"), second = tiny.Path($"{Guid.NewGuid():N}.gguf");
        using LlamaModel model = LlamaModel.Load(tiny.Model("F32"));
        using LlamaAdapter frozen = model.LoadAdapter(first);
        using LlamaTrainer trainer = Open(Options with { ThreadCount = threadCount, MaxStepCount = 8, Lora = new LoraOptions { Rank = 2, FrozenAdapters = [(first, 0.5f)] } });
        double before = trainer.Evaluate(TinyTraining.Data);
        trainer.Train(TinyTraining.Data);
        double after = trainer.Evaluate(TinyTraining.Data);
        trainer.SaveAdapter(second);
        trainer.SaveMergedModel(merged);
        using LlamaAdapter trained = model.LoadAdapter(second);
        using LlamaModel whole = LlamaModel.Load(merged);

        before.Should().BeApproximately(await TinyTraining.LossOf(model, [new LlamaAdapterUse(frozen, 0.5f)]), 1e-5);
        after.Should().BeLessThan(before - 0.1);
        (await TinyTraining.LossOf(model, [new LlamaAdapterUse(frozen, 0.5f), new LlamaAdapterUse(trained)])).Should().BeApproximately(after, 1e-5);
        (await TinyTraining.LossOf(whole, [])).Should().BeApproximately(after, 1e-5);
        trained.MaxRank.Should().Be(2, "the file has only the new adapter");
    }

    [Fact]
    public void Train_OnTopOfAFrozenAdapter_GivesTheSameBitsAtAnyThreadCount()
    {
        string first = TrainFirst(isFolder: false, Options).Path;
        byte[][] saved = [.. new[] { 1, 2, 3 }.Select(threadCount =>
        {
            using LlamaTrainer trainer = Open(Options with { ThreadCount = threadCount, MaxStepCount = 3, Lora = new LoraOptions { Rank = 2, FrozenAdapters = [(first, 2)] } });
            trainer.Train(TinyTraining.Data);
            return Save(trainer);
        })];

        saved[1].Should().Equal(saved[0]);
        saved[2].Should().Equal(saved[0]);
    }

    [Fact]
    public void Train_PreferencesOnTopOfAFrozenAdapter_HaveTheModelWithItAsReference()
    {
        string first = TrainFirst(isFolder: false, Options).Path;
        using LlamaTrainer onTop = Open(Options with { Lora = new LoraOptions { FrozenAdapters = [(first, 1)] } }), continued = Open(Options with { Lora = new LoraOptions { InitialAdapterPath = first } });

        onTop.Evaluate(TinyTraining.Preferences).Should().BeApproximately(Math.Log(2), 1e-6, "a new adapter changes nothing");
        Math.Abs(continued.Evaluate(TinyTraining.Preferences) - Math.Log(2)).Should().BeGreaterThan(1e-3, "the reference is the model without the adapter");
    }

    [Fact]
    public void SaveMergedModel_FrozenAdapterChanged_IsRefused()
    {
        string first = TrainFirst(isFolder: false, Options).Path;
        using LlamaTrainer trainer = Open(Options with { Lora = new LoraOptions { FrozenAdapters = [(first, 1)] } });
        File.Copy(TrainFirst(isFolder: false, Options with { Seed = 9 }).Path, first, overwrite: true);

        FluentActions.Invoking(() => trainer.SaveMergedModel(tiny.Path("changed.gguf"))).Should().Throw<ModelFormatException>().WithMessage("*frozen adapters*different from when training began*");
    }

    [Theory]
    [InlineData("token_embd.weight", 8, "*'token_embd.weight'*merge the adapter into the model*")]
    [InlineData("blk.7.attn_q.weight", 8, "*blk.7.attn_q*made for another model*")]
    [InlineData("blk.0.attn_k.weight", 8, "*shape*made for another model*")]
    [InlineData("blk.0.attn_q.weight", 1e-45f, "*scale*0*cannot be trained*")]
    public void Open_AdapterThatTrainingCannotUse_IsRefusedWithARemedy(string tensor, float alpha, string fault)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        using (var writer = new GgufWriter(path))
        {
            writer.Add("general.architecture", "llama");
            writer.Add("general.type", "adapter");
            writer.Add("adapter.type", "lora");
            writer.Add("adapter.lora.alpha", alpha);
            writer.AddTensor(tensor + ".lora_a", GgmlType.F32, [64, 4]);
            writer.AddTensor(tensor + ".lora_b", GgmlType.F32, [4, 64]);
            foreach (int _ in (int[])[0, 1])
            {
                writer.Write(new byte[4 * 64 * 4]);
                writer.EndTensor();
            }

            writer.Complete();
        }

        FluentActions.Invoking(() => Open(new LoraOptions { InitialAdapterPath = path })).Should().Throw<ModelFormatException>().WithMessage(fault);
    }

    [Fact]
    public void Open_AdapterWithWholeTensors_IsRefusedWithARemedy()
    {
        string folder = RepositoryFiles.Committed("tests", "data", "adapters", "tokens");

        FluentActions.Invoking(() => Open(new LoraOptions { FrozenAdapters = [(folder, 1)] })).Should().Throw<ModelFormatException>().WithMessage("*training starts only from adapters*merge the adapter into the model*");
    }

    [Fact]
    public void EstimateMemory_Adapters_CountsThem()
    {
        string first = TrainFirst(isFolder: false, Options with { Lora = new LoraOptions { Rank = 32 } }).Path;
        TrainingMemory plain = LlamaTrainer.EstimateMemory(tiny.Model("F32"), Options with { Lora = new LoraOptions { Rank = 32 } });

        LlamaTrainer.EstimateMemory(tiny.Model("F32"), Options with { Lora = new LoraOptions { InitialAdapterPath = first } }).Should().Be(plain);
        TrainingMemory stacked = LlamaTrainer.EstimateMemory(tiny.Model("F32"), Options with { Lora = new LoraOptions { Rank = 32, FrozenAdapters = [(first, 1)] } });
        stacked.Should().Be(plain with { WeightByteSize = plain.WeightByteSize + plain.ParameterByteSize / 2 }, "there are no gradients of frozen numbers");
    }

    private (string Path, double Loss, byte[] Saved) TrainFirst(bool isFolder, TrainingOptions options)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}{(isFolder ? "" : ".gguf")}");
        using LlamaTrainer trainer = Open(options with { MaxStepCount = 6 });
        trainer.Train(TinyTraining.Data);
        if (isFolder)
        {
            trainer.SavePeftAdapter(path);
        }
        else
        {
            trainer.SaveAdapter(path);
        }

        return (path, trainer.Evaluate(TinyTraining.Data), Save(trainer));
    }

    private LlamaTrainer Open(LoraOptions lora) => Open(Options with { Lora = lora });

    private LlamaTrainer Open(TrainingOptions options) => LlamaTrainer.Open(tiny.Model("F32"), options);

    private byte[] Save(LlamaTrainer trainer)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        trainer.SaveAdapter(path);
        return File.ReadAllBytes(path);
    }
}
