using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Formats.SafeTensors;

namespace Llama2.Training.Tests;

public class LlamaTrainerTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    public static TheoryData<string> Kinds => ["adapters", "moments of 8 bits", "activations of 8 bits", "preferences", "ORPO", "SimPO", "KTO", "KTO of pairs", "DPO of all weights", "KTO of all weights", "base in NF4", "rates and noise", "new tokens", "all weights"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_AnyThreadCount_GivesTheSameBits(string kind)
    {
        double[]? losses = null;
        byte[]? saved = null;
        foreach (int threadCount in (int[])[1, 2, 3])
        {
            using LlamaTrainer trainer = Open(kind, Options(kind) with { ThreadCount = threadCount, MaxStepCount = 3 });
            TrainingResult result = Train(trainer, kind);
            byte[] bytes = Save(trainer, kind);
            losses ??= [.. result.Losses];
            saved ??= bytes;
            result.Losses.Should().Equal(losses);
            bytes.AsSpan().SequenceEqual(saved).Should().BeTrue($"{threadCount} threads must learn the same");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Resume_AfterCancellation_GoesOnBitForBit(string kind)
    {
        string path = tiny.Path($"{kind}.checkpoint");
        TrainingOptions options = Options(kind) with { MaxStepCount = 4, CheckpointPath = path, CheckpointInterval = 3 };
        using LlamaTrainer whole = Open(kind, options with { CheckpointPath = null }), first = Open(kind, options), second = Open(kind, options);
        TrainingResult expected = Train(whole, kind);
        using var cancellation = new CancellationTokenSource();

        FluentActions.Invoking(() => Train(first, kind, new Reporter(report => Cancel(report, cancellation)), cancellation.Token)).Should().Throw<OperationCanceledException>();
        second.Resume(path);
        TrainingResult rest = Train(second, kind);

        first.StepCount.Should().Be(2);
        second.StepCount.Should().Be(4);
        rest.Losses.Should().Equal(expected.Losses.Skip(2));
        Save(second, kind).AsSpan().SequenceEqual(Save(whole, kind)).Should().BeTrue("interrupted training must learn the same");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Train_SomeEpochs_LowersTheLoss(string kind)
    {
        using LlamaTrainer trainer = Open(kind, Options(kind) with { EpochCount = 20 });
        List<TrainingProgress> reports = [];

        TrainingResult result = Train(trainer, kind, new Reporter(reports.Add));

        result.Losses[^1].Should().BeLessThan(0.85 * result.Losses[0]);
        result.StepCount.Should().Be(trainer.StepCount).And.Be(result.Losses.Count);
        reports.Select(report => report.Loss).Should().Equal(result.Losses);
        reports.Select(report => report.Step).Should().Equal(Enumerable.Range(1, result.StepCount));
        reports[^1].Remaining.Should().Be(TimeSpan.Zero);
        reports.Should().OnlyContain(report => report.TokensPerSecond > 0 && report.GradientNorm > 0 && report.StepCount == result.StepCount);
        reports.Should().OnlyContain(report => (report.Rewards != null) == IsPreference(kind));
        if (IsPreference(kind))
        {
            reports.Last(report => report.Rewards!.Margin is not null).Rewards!.Margin.Should().BePositive("the last step may have answers of one kind");
            reports[^1].Rewards!.Accuracy.Should().Be(kind.StartsWith("KTO", StringComparison.Ordinal) ? null : 1);
            trainer.Steps.Select(step => step.Rewards).Should().Equal(reports.Select(report => report.Rewards));
        }

        if (kind is "preferences" or "DPO of all weights")
        {
            result.Losses[0].Should().BeApproximately(Math.Log(2), 1e-6, "an adapter that changes nothing gains nothing");
        }
    }

    [Fact]
    public async Task SaveAdapter_LoadedBesideTheModel_GivesTheTrainersLoss()
    {
        using LlamaTrainer trainer = Open("adapters", TinyTraining.Options);
        double before = trainer.Evaluate(TinyTraining.Data);
        trainer.Train(TinyTraining.Data);
        double loss = trainer.Evaluate(TinyTraining.Data);
        trainer.SaveAdapter(tiny.Path("adapter.gguf"));
        using LlamaModel model = LlamaModel.Load(tiny.Model("F32"));
        using LlamaAdapter adapter = model.LoadAdapter(tiny.Path("adapter.gguf"));

        loss.Should().BeLessThan(before);
        (await TinyTraining.LossOf(model, [])).Should().BeApproximately(before, 1e-5);
        (await TinyTraining.LossOf(model, [new LlamaAdapterUse(adapter)])).Should().BeApproximately(loss, 1e-5);
    }

    [Fact]
    public void SavePeftAdapter_HasTheAdaptersNumbersInHuggingFacesOrder()
    {
        using LlamaTrainer trainer = Open("adapters", TinyTraining.Options with { Lora = new LoraOptions { Rank = 4, Alpha = 6, Dropout = 0.1f, UseRankStabilization = true, Targets = LoraTargets.Query | LoraTargets.Down } });
        trainer.Train(TinyTraining.Data);
        trainer.SaveAdapter(tiny.Path("twin.gguf"));
        trainer.SavePeftAdapter(tiny.Path("peft"));

        JsonElement configuration = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(tiny.Path("peft"), "adapter_config.json"))).RootElement;
        configuration.GetProperty("peft_type").GetString().Should().Be("LORA");
        configuration.GetProperty("r").GetInt32().Should().Be(4);
        configuration.GetProperty("lora_alpha").GetDouble().Should().Be(6);
        configuration.GetProperty("use_rslora").GetBoolean().Should().BeTrue();
        configuration.GetProperty("target_modules").EnumerateArray().Select(module => module.GetString()).Should().Equal("q_proj", "down_proj");
        using SafeTensorsFile peft = SafeTensorsFile.Open(ByteSources.Open(Path.Combine(tiny.Path("peft"), "adapter_model.safetensors"), memoryMapped: false));
        using GgufFile gguf = GgufFile.Open(tiny.Path("twin.gguf"));
        gguf.Metadata["adapter.lora.alpha"].Should().BeOfType<float>().Which.Should().Be(6 / 2f * 4, "readers divide by the rank, and the adapter was divided by its root");
        peft.Entries.Should().HaveCount(8);
        foreach (SafeTensorsEntry entry in peft.Entries)
        {
            int layer = int.Parse(entry.Name.Split('.')[4], CultureInfo.InvariantCulture);
            bool isQuery = entry.Name.Contains("self_attn.q_proj", StringComparison.Ordinal), isA = entry.Name.EndsWith("lora_A.weight", StringComparison.Ordinal);
            gguf.TryGetTensor($"blk.{layer}.{(isQuery ? "attn_q" : "ffn_down")}.weight.lora_{(isA ? 'a' : 'b')}", out TensorDescription? tensor).Should().BeTrue();
            float[] expected = new float[tensor!.RowLength * tensor.RowCount], actual = new float[expected.Length];
            gguf.Read(tensor, 0, MemoryMarshal.AsBytes(expected.AsSpan()));
            peft.Source.Read(entry.Offset, MemoryMarshal.AsBytes(actual.AsSpan()));
            entry.Shape.Should().Equal(tensor.RowCount, tensor.RowLength);
            int rowLength = (int)tensor.RowLength;
            for (int row = 0; row < tensor.RowCount; row++)
            {
                // Heads have 16 rows. In Hugging Face's order, the rows with even numbers in GGUF's order come first.
                int source = isQuery && !isA ? row / 16 * 16 + row % 16 % 8 * 2 + row % 16 / 8 : row;
                actual.AsSpan(row * rowLength, rowLength).SequenceEqual(expected.AsSpan(source * rowLength, rowLength)).Should().BeTrue($"row {row} of {entry.Name}");
            }
        }
    }

    [Fact]
    public async Task SaveModel_AllWeightsTrained_GivesTheTrainersLoss()
    {
        using LlamaTrainer trainer = Open("all weights", Options("all weights") with { EpochCount = 3 });
        trainer.Train(TinyTraining.Data);
        trainer.SaveModel(tiny.Path("whole.gguf"));
        using LlamaModel model = LlamaModel.Load(tiny.Path("whole.gguf"));

        (await TinyTraining.LossOf(model, [])).Should().BeApproximately(trainer.Evaluate(TinyTraining.Data), 1e-5);
        FluentActions.Invoking(() => trainer.SaveAdapter(tiny.Path("none.gguf"))).Should().Throw<InvalidOperationException>().WithMessage("*SaveModel*");
    }

    [Fact]
    public async Task Create_RandomWeights_LearnsAndSavesAModel()
    {
        var shape = new ModelShape(32, 1, 2, 1, 48, 64);
        using LlamaTrainer trainer = LlamaTrainer.Create(tiny.Model("F32"), shape, Options("all weights") with { EpochCount = 10 });
        double before = trainer.Evaluate(TinyTraining.Data);
        trainer.Train(TinyTraining.Data);
        double loss = trainer.Evaluate(TinyTraining.Data);
        trainer.SaveModel(tiny.Path("created.gguf"));
        using LlamaModel model = LlamaModel.Load(tiny.Path("created.gguf"));

        // Before training, logits are normally distributed with a variance of width · 2 / (5 · width) = 0.4; half of it adds to the loss.
        before.Should().BeApproximately(Math.Log(32_000) + 0.2, 0.1, "random weights know nothing");
        loss.Should().BeLessThan(0.8 * before);
        (await TinyTraining.LossOf(model, [])).Should().BeApproximately(loss, 1e-5);
        trainer.ParameterCount.Should().Be(32_000 * 32 + 32 + (2 * 32 + 32 * (32 + 16 + 16 + 32) + 3 * 48 * 32));
    }

    [Fact]
    public void Create_TokenizerOfItsOwn_SavesAModelThatIsDescribed()
    {
        ModelTokenizer tokenizer = TokenizerTrainer.Train(["one two two"], new TokenizerTrainerOptions { VocabularySize = 268, CharacterCoverage = 1 });
        tokenizer.Save(tiny.Path("tokenizer.model"));
        var description = new ModelDescription { Name = "Tiny", Description = "A test's", License = "mit", ChatTemplate = "{{ bos_token }}" };

        using LlamaTrainer trainer = LlamaTrainer.Create(tiny.Path("tokenizer.model"), new ModelShape(32, 1, 2, 1, 48, 64), Options("all weights"));
        trainer.SaveModel(tiny.Path("described.gguf"), description: description);

        using LlamaModel model = LlamaModel.Load(tiny.Path("described.gguf"));
        model.Tokenizer.Encode("two one", addBeginOfSequence: true).Should().Equal(tokenizer.Encode("two one", addBeginOfSequence: true));
        using GgufFile file = GgufFile.Open(tiny.Path("described.gguf"));
        file.Metadata["general.name"].Should().Be("Tiny");
        file.Metadata["general.description"].Should().Be("A test's");
        file.Metadata["general.license"].Should().Be("mit");
        file.Metadata["tokenizer.chat_template"].Should().Be("{{ bos_token }}");
        file.Metadata.Should().ContainKey("llama.block_count");
    }

    [Fact]
    public void Train_ProgressThatEvaluates_ChangesNoBit()
    {
        using LlamaTrainer plain = Open("adapters", Options("adapters")), evaluating = Open("adapters", Options("adapters"));
        var losses = new List<double>();

        TrainingResult expected = plain.Train(TinyTraining.Data);
        TrainingResult actual = evaluating.Train(TinyTraining.Data, progress: new Reporter(_ => losses.Add(evaluating.Evaluate(TinyTraining.Data))));

        actual.Losses.Should().Equal(expected.Losses);
        losses.Should().HaveCount(expected.StepCount);
        losses[^1].Should().BeLessThan(losses[0]);
    }

    [Fact]
    public void Resume_AnotherModelOrOptionsOrDataOrDamage_Throws()
    {
        string path = tiny.Path("foreign.checkpoint");
        TrainingOptions options = Options("adapters") with { MaxStepCount = 1, CheckpointPath = path };
        using (LlamaTrainer trainer = Open("adapters", options))
        {
            trainer.Train(TinyTraining.Data);
        }

        using LlamaTrainer same = Open("adapters", options), others = Open("adapters", options with { LearningRate = 1 }), another = LlamaTrainer.Open(tiny.Model("Q8_0"), options);
        FluentActions.Invoking(() => others.Resume(path)).Should().Throw<CheckpointException>().WithMessage("*other options*");
        FluentActions.Invoking(() => another.Resume(path)).Should().Throw<CheckpointException>().WithMessage("*another model*");
        same.Resume(path);
        FluentActions.Invoking(() => same.Train(new TrainingDataset([.. TinyTraining.Data.Samples.Skip(1)]))).Should().Throw<CheckpointException>().WithMessage("*other data*");
        byte[] bytes = File.ReadAllBytes(path);
        foreach (int position in (int[])[0, 9, bytes.Length / 2, bytes.Length - 1])
        {
            byte[] damaged = [.. bytes];
            damaged[position] ^= 1;
            CheckRefused(same, damaged);
        }

        foreach (int length in (int[])[0, 8, 39, 40, 100, bytes.Length - 1])
        {
            CheckRefused(same, bytes[..length]);
        }
    }

    [Fact]
    public void Open_TooLittleMemory_SaysSoBeforeItTakesAny()
    {
        TrainingOptions options = TinyTraining.Options with { BatchTokenCount = 1 << 20, Lora = new LoraOptions { Rank = 1024 } };
        TrainingMemory memory = LlamaTrainer.EstimateMemory(tiny.Model("F32"), options with { BatchTokenCount = 512 });

        memory.WeightByteSize.Should().BeGreaterThan(2 * 32_000 * 64 * 4);
        memory.TotalByteSize.Should().BeGreaterThan(memory.WeightByteSize + memory.ActivationByteSize);
        // The activations of 14 adapters of rank 1,024 for 1,048,576 tokens alone take 60 GB.
        FluentActions.Invoking(() => LlamaTrainer.Open(tiny.Model("F32"), options)).Should().Throw<LlamaMemoryException>().WithMessage("*training*BatchTokenCount*");
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("Q8_0")]
    public void Open_BaseInNf4_IsNearlyTheModelAndTakesLessMemory(string model)
    {
        TrainingOptions options = TinyTraining.Options with { BaseQuantization = BaseQuantization.Nf4 };
        using LlamaTrainer stored = LlamaTrainer.Open(tiny.Model(model), TinyTraining.Options), quantized = LlamaTrainer.Open(tiny.Model(model), options);

        double loss = stored.Evaluate(TinyTraining.Data), rounded = quantized.Evaluate(TinyTraining.Data);
        rounded.Should().NotBe(loss).And.BeApproximately(loss, 0.05, "four bits a weight change little of it");
        // 2 layers × (2 · 64 · 64 + 2 · 32 · 64 + 3 · 96 · 64) weights: 4 bits for each weight, 8 bits for each block of 64 or fewer weights of a
        // row, and 32 bits for each panel of 16 rows.
        const int Weights = 2 * ((2 * 64 * 64) + (2 * 32 * 64) + (3 * 96 * 64)), Blocks = 2 * (64 + 64 + 32 + 32 + 96 + 96 + (2 * 64)), Panels = 2 * (4 + 4 + 2 + 2 + 6 + 6 + 4);
        int bytes = model == "F32" ? Weights * 4 : Weights * 34 / 32;
        (stored.Memory.WeightByteSize - quantized.Memory.WeightByteSize).Should().Be(bytes - (Weights / 2) - Blocks - (4 * Panels));
        quantized.Memory.Should().Be(LlamaTrainer.EstimateMemory(tiny.Model(model), options));
    }

    [Theory]
    [InlineData("adapters")]
    [InlineData("preferences")]
    [InlineData("KTO")]
    public void EstimateTime_MeasuresAPassAndLearnsNothing(string kind)
    {
        TrainingOptions options = Options(kind) with { MaxStepCount = 3 };
        using LlamaTrainer trainer = Open(kind, options), twin = Open(kind, options);

        TimeSpan time = trainer.EstimateTime(DataOf(kind));

        time.Should().BePositive();
        Train(trainer, kind).Losses.Should().Equal(Train(twin, kind).Losses);
        Save(trainer, kind).Should().Equal(Save(twin, kind));
        trainer.EstimateTime(DataOf(kind)).Should().Be(TimeSpan.Zero, "nothing is left to do");
    }

    [Theory]
    [InlineData("adapters")]
    [InlineData("all weights")]
    public void Open_Progress_RisesToTheWholeAndMayCancel(string kind)
    {
        TrainingOptions options = Options(kind);
        List<double> fractions = [];
        LlamaTrainer.Open(tiny.Model("F32"), options, progress: new Loading(progress => fractions.Add(progress.Fraction))).Dispose();
        using var cancellation = new CancellationTokenSource();

        fractions.Should().HaveCountGreaterThan(10).And.BeInAscendingOrder().And.EndWith(1);
        FluentActions.Invoking(() => LlamaTrainer.Open(tiny.Model("F32"), options, progress: new Loading(_ => cancellation.Cancel()), cancellationToken: cancellation.Token))
            .Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void Create_Cancelled_Ends() =>
        FluentActions.Invoking(() => LlamaTrainer.Create(tiny.Model("F32"), TinyTraining.Shape, Options("all weights"), cancellationToken: new CancellationToken(canceled: true)))
            .Should().Throw<OperationCanceledException>();

    [Fact]
    public void Evaluate_Progress_RisesToTheWhole()
    {
        using LlamaTrainer trainer = Open("adapters", Options("adapters"));
        List<double> fractions = [];

        trainer.Evaluate(TinyTraining.Data, new Fractions(fractions.Add));

        fractions.Should().HaveCountGreaterThan(1).And.BeInAscendingOrder().And.EndWith(1);
    }

    [Fact]
    public void Train_Logger_IsToldOfStartEvaluationsCheckpointsAndEnd()
    {
        var log = new RecordingLogger();
        using LlamaTrainer trainer = LlamaTrainer.Open(
            tiny.Model("F32"), TinyTraining.Options with { MaxStepCount = 2, EvaluationInterval = 1, CheckpointPath = tiny.Path("logged.checkpoint"), CheckpointInterval = 2 }, log);
        List<TrainingProgress> reports = [];

        trainer.Train(TinyTraining.Data, TinyTraining.Data, new Reporter(reports.Add));

        log.Messages.Select(message => message.Split(' ')[0]).Should().Equal("Training", "Step", "Step", "Step", "Checkpoint", "Step", "Training");
        log.Messages[0].Should().StartWith($"Training {trainer.ParameterCount} parameters for 2 steps from step 0");
        log.Messages[1].Should().MatchRegex("^Step 1: validation loss [0-9.]+, the best [0-9.]+ at step 1$");
        log.Messages[^1].Should().StartWith("Training ended after 2 of 2 steps");
        reports.Select(report => (report.ValidationLoss is not null, report.HasCheckpoint)).Should().Equal((true, false), (true, true));
    }

    [Fact]
    public void Train_WeightDecay_TakesOffMatricesAndNotNorms()
    {
        TrainingOptions options = Options("all weights") with { MaxStepCount = 1, WarmupFraction = 0, LearningRate = 1e-9, WeightDecay = 1 };
        using LlamaTrainer decayed = Open("all weights", options with { LearningRate = 0.5, Beta1 = 0, Beta2 = 0, MaxGradientNorm = 1e-30 }), plain = Open("all weights", options with { LearningRate = 0.5, Beta1 = 0, Beta2 = 0, MaxGradientNorm = 1e-30, WeightDecay = 0 });
        decayed.Train(TinyTraining.Data);
        plain.Train(TinyTraining.Data);
        decayed.SaveModel(tiny.Path("decayed.gguf"));
        plain.SaveModel(tiny.Path("plain.gguf"));
        using GgufFile decayedFile = GgufFile.Open(tiny.Path("decayed.gguf")), plainFile = GgufFile.Open(tiny.Path("plain.gguf"));

        foreach (TensorDescription tensor in plainFile.Tensors)
        {
            decayedFile.TryGetTensor(tensor.Name, out TensorDescription? twin).Should().BeTrue();
            float[] expected = new float[tensor.RowLength * tensor.RowCount], actual = new float[expected.Length];
            plainFile.Read(tensor, 0, MemoryMarshal.AsBytes(expected.AsSpan()));
            decayedFile.Read(twin!, 0, MemoryMarshal.AsBytes(actual.AsSpan()));
            double ratio = actual.Sum(value => Math.Abs((double)value)) / expected.Sum(value => Math.Abs((double)value));
            // The gradients are clipped to almost 0, so only the weight decay has an effect: it halves each matrix.
            ratio.Should().BeApproximately(tensor.Name.Contains("norm", StringComparison.Ordinal) ? 1 : 0.5, 1e-4, tensor.Name);
        }
    }

    [Fact]
    public void Train_MalformedSamples_AreRefusedByNumber()
    {
        using LlamaTrainer trainer = Open("adapters", TinyTraining.Options);
        void CheckMessage(TrainingSample sample, string message)
            => FluentActions.Invoking(() => trainer.Train(new TrainingDataset([TinyTraining.Data.Samples[0], sample]))).Should().Throw<ArgumentException>().WithMessage(message);

        CheckMessage(new TrainingSample(new[] { 1 }, new[] { true }), "Sample 1 has 1 tokens*");
        CheckMessage(new TrainingSample(new[] { 1, 2 }, new[] { true }), "Sample 1 has 2 tokens and a mask of 1*");
        CheckMessage(new TrainingSample(new[] { 1, 32_000 }, new[] { true, true }), "Sample 1 has the token 32,000*");
        CheckMessage(new TrainingSample(new int[60], Enumerable.Repeat(true, 60).ToArray()), "Sample 1 takes 59 tokens; a batch holds 40*");
        CheckMessage(new TrainingSample(new int[66], Enumerable.Repeat(true, 66).ToArray()), "A sample has 66 tokens; the model's context length is 64*MaxLength*");
        FluentActions.Invoking(() => trainer.Train(new TrainingDataset(Array.Empty<TrainingSample>()))).Should().Throw<ArgumentException>().WithMessage("*nothing to learn*");
        trainer.StepCount.Should().Be(0);
    }

    [Fact]
    public void Train_LearningRateBeyondReason_IsRefusedBeforeNumbersAreLost()
    {
        using LlamaTrainer trainer = Open("all weights", Options("all weights") with { LearningRate = 1e30, MaxGradientNorm = double.PositiveInfinity, EpochCount = 3 });

        FluentActions.Invoking(() => trainer.Train(TinyTraining.Data)).Should().Throw<NumericalException>().WithMessage("*learning rate*");
    }

    private static TrainingOptions Options(string kind) => kind switch
    {
        "moments of 8 bits" => TinyTraining.Options with { QuantizeMoments = true },
        "activations of 8 bits" => TinyTraining.Options with { QuantizeActivations = true, RecomputeActivations = false },
        "preferences" => TinyTraining.Options with { Lora = new LoraOptions { Rank = 4 } },
        "rates and noise" => TinyTraining.Options with { Lora = new LoraOptions { Rank = 4, LoraPlusRatio = 4 }, NeftuneAlpha = 0.5 },
        "ORPO" => TinyTraining.Options with { Preference = new PreferenceOptions { Method = PreferenceMethod.Orpo } },
        "SimPO" => TinyTraining.Options with { Preference = new PreferenceOptions { Method = PreferenceMethod.SimPo } },
        "KTO" or "KTO of pairs" => TinyTraining.Options with { Preference = new PreferenceOptions { Method = PreferenceMethod.Kto, UndesirableWeight = 1.2 } },
        "DPO of all weights" => TinyTraining.Options with { Lora = null, Preference = new PreferenceOptions() },
        "KTO of all weights" => TinyTraining.Options with { Lora = null, Preference = new PreferenceOptions { Method = PreferenceMethod.Kto } },
        "base in NF4" => TinyTraining.Options with { BaseQuantization = BaseQuantization.Nf4 },
        "new tokens" => TinyTraining.Options with { NewTokens = TinyTraining.NewTokens },
        "all weights" => TinyTraining.Options with { Lora = null },
        _ => TinyTraining.Options,
    };

    private LlamaTrainer Open(string kind, TrainingOptions options) => LlamaTrainer.Open(tiny.Model(kind == "activations of 8 bits" ? "Q8_0" : "F32"), options);

    private static TrainingResult Train(LlamaTrainer trainer, string kind, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
        => trainer.Train(DataOf(kind), validation: null, progress, cancellationToken);

    private static bool IsPreference(string kind) => DataOf(kind) == TinyTraining.Preferences || DataOf(kind) == TinyTraining.Rated;

    private static TrainingDataset DataOf(string kind) => kind switch
    {
        "preferences" or "ORPO" or "SimPO" or "KTO of pairs" or "DPO of all weights" => TinyTraining.Preferences,
        "KTO" or "KTO of all weights" => TinyTraining.Rated,
        "new tokens" => TinyTraining.DataWithNewTokens,
        _ => TinyTraining.Data,
    };

    private byte[] Save(LlamaTrainer trainer, string kind)
    {
        string path = tiny.Path($"{Guid.NewGuid():N}.gguf");
        if (kind.EndsWith("all weights", StringComparison.Ordinal))
        {
            trainer.SaveModel(path);
        }
        else
        {
            trainer.SaveAdapter(path);
        }

        return File.ReadAllBytes(path);
    }

    private void CheckRefused(LlamaTrainer trainer, byte[] bytes)
    {
        string path = tiny.Path("damaged.checkpoint");
        File.WriteAllBytes(path, bytes);
        FluentActions.Invoking(() => trainer.Resume(path)).Should().Throw<CheckpointException>();
    }

    private static void Cancel(TrainingProgress report, CancellationTokenSource cancellation)
    {
        if (report.Step == 2)
        {
            cancellation.Cancel();
        }
    }

    private sealed class Loading(Action<ByteProgress> report) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value) => report(value);
    }

    private sealed class Fractions(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
