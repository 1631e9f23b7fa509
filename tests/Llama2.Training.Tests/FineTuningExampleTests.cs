using Llama2.Tests;
using Llama2.Training.Model;
using Llama2.Training.Tests.Datasets;

namespace Llama2.Training.Tests;

/// <summary>The examples of docs/finetuning.md, with the demonstration model.</summary>
public class FineTuningExampleTests
{
    private const string Record = """
        {"prompt": "Hello!", "chosen": "Hello! How can I help you today?", "rejected": "Hi!"}
        """;

    private static readonly string[] s_rated = DocumentedFormTests.RatedRecords;

    private readonly string _modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");
    private readonly string _dataPath = RepositoryFiles.Committed("samples", "FineTune", "sailor.jsonl");

    [Fact]
    public void Memory()
    {
        string modelPath = _modelPath;

        TrainingMemory memory = LlamaTrainer.EstimateMemory(modelPath, new TrainingOptions { BatchTokenCount = 1024, QuantizeMoments = true });
        string report = $"{memory.TotalByteSize >> 20:N0} MiB, {memory.ActivationByteSize >> 20:N0} of them activations";

        report.Should().MatchRegex(@"^\d+ MiB, [1-9]\d* of them activations$");
        memory.WeightByteSize.Should().BeInRange(new FileInfo(modelPath).Length - 100_000, new FileInfo(modelPath).Length + 200_000);
    }

    [Theory]
    [InlineData(512, 5.1, 8.7)]
    [InlineData(1024, 5.6, 12.9)]
    [InlineData(2048, 6.6, 21.2)]
    public void Memory_SevenBillionParameters_IsWhatTheTableSays(int batchTokenCount, double gibibytes, double keptGibibytes)
    {
        var options = new TrainingOptions { BatchTokenCount = batchTokenCount, RecomputeActivations = true, ThreadCount = 2 };
        const long Weights = (long)(3.8 * (1L << 30));

        TrainingMemory memory = MemoryEstimate.Of(SevenBillionParameters.Configuration, Weights, isOutputTied: false, options);
        TrainingMemory kept = MemoryEstimate.Of(SevenBillionParameters.Configuration, Weights, isOutputTied: false, options with { RecomputeActivations = false });

        (memory.ParameterByteSize + memory.OptimizerByteSize).Should().Be(16 * 39_976_960L);
        Math.Round(memory.TotalByteSize / (double)(1L << 30), 1).Should().Be(gibibytes);
        Math.Round(kept.TotalByteSize / (double)(1L << 30), 1).Should().Be(keptGibibytes);
    }

    [Fact]
    public void Logs()
    {
        using var folder = new TemporaryFolder();
        string logPath = folder.File("log.jsonl"), boardFolder = folder.File("runs/first");
        using LlamaTrainer trainer = LlamaTrainer.Open(_modelPath, new TrainingOptions { MaxStepCount = 10, BatchTokenCount = 128 });
        TrainingDataset data = TrainingDataset.Load(_dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 128 });

        using var log = new JsonLinesLog(logPath);
        using var board = new TensorBoardLog(boardFolder);
        int[] prompt = PromptFormat.Llama2.Encode([LlamaMessage.User("What is your name?")], trainer.Tokenizer);
        trainer.Train(data, progress: new Receiver(report =>
        {
            log.Report(report);
            board.Report(report);
            if (report.Step % 10 == 0)
            {
                board.AddGeneration(report.Step, "What is your name?", trainer.Tokenizer.Decode(trainer.Generate([prompt], maxTokens: 16)[0]));
            }
        }));

        File.ReadLines(logPath).Should().HaveCount(1 + 10);
        File.ReadAllBytes(board.Path).AsSpan().IndexOf("generation/What is your name?"u8).Should().BePositive();
    }

    [Fact]
    public void RateSearch()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(_modelPath, new TrainingOptions { BatchTokenCount = 128 });
        TrainingDataset data = TrainingDataset.Load(_dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 128 });

        LearningRateSearch search = trainer.FindLearningRate(data, new LearningRateSearchOptions { StepCount = 30 });
        Console.WriteLine($"Loss {search.Smallest.SmoothedLoss:F2} at {search.Smallest.LearningRate:E1}: train with {search.SuggestedLearningRate:E1}");

        search.SuggestedLearningRate.Should().BeInRange(1e-4, 1e-1);
    }

    [Fact]
    public async Task Magnitudes()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, dataPath = _dataPath, adapterPath = folder.File("dora");
        var options = new TrainingOptions { Lora = new LoraOptions { UseWeightDecomposition = true }, MaxStepCount = 5, BatchTokenCount = 128 };
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);
        TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 128 });
        trainer.Train(data);
        trainer.SavePeftAdapter(adapterPath);

        using LlamaModel model = LlamaModel.Load(modelPath);
        using LlamaAdapter adapter = model.LoadAdapter(adapterPath);
        var generation = new GenerationOptions { Adapters = [new(adapter)], MaxTokens = 5 };

        (await model.GenerateAsync("Once", generation).ToResultAsync()).Text.Should().NotBeEmpty();
        AdapterInformation.Read(adapterPath).HasMagnitudes.Should().BeTrue();
    }

    [Fact]
    public async Task Norms()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, dataPath = _dataPath, adapterPath = folder.File("norms");
        var options = new TrainingOptions { Lora = new LoraOptions { SavedModules = SavedModules.TokenEmbedding | SavedModules.Norms }, LearningRate = 2e-3, MaxStepCount = 20 };
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);
        TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 128 });
        double before = trainer.Evaluate(data);
        trainer.Train(data);
        trainer.SavePeftAdapter(adapterPath);

        trainer.Evaluate(data).Should().BeLessThan(before - 0.5);
        using LlamaModel model = LlamaModel.Load(modelPath);
        using LlamaAdapter adapter = model.LoadAdapter(adapterPath);
        var generation = new GenerationOptions { Adapters = [new(adapter)], MaxTokens = 5 };

        (await model.GenerateAsync("Once", generation).ToResultAsync()).Text.Should().NotBeEmpty();
        AdapterInformation.Read(adapterPath).Tensors.Should().Contain(tensor => tensor.BaseName == "output_norm.weight" && tensor.Rank == 0);
    }

    [Fact]
    public async Task RowsOfTokens()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, dataPath = _dataPath, adapterPath = folder.File("rows");
        ModelTokenizer tokenizer = ModelTokenizer.Load(modelPath);
        int[] tokens = [.. tokenizer.Encode("harpoon", addBeginOfSequence: false).Distinct()];
        var options = new TrainingOptions { Lora = new LoraOptions { EmbeddingTokens = tokens, OutputTokens = tokens }, LearningRate = 2e-3, MaxStepCount = 5 };
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);
        TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 128 });
        double before = trainer.Evaluate(data);
        trainer.Train(data);
        trainer.SavePeftAdapter(adapterPath);

        trainer.Evaluate(data).Should().BeLessThan(before);
        using LlamaModel model = LlamaModel.Load(modelPath);
        using LlamaAdapter adapter = model.LoadAdapter(adapterPath);
        var generation = new GenerationOptions { Adapters = [new(adapter)], MaxTokens = 5 };

        (await model.GenerateAsync("Once", generation).ToResultAsync()).Text.Should().NotBeEmpty();
        AdapterInformation.Read(adapterPath).Tensors.Should().ContainSingle(tensor => tensor.RowCount == tokens.Length, "the output matrix of this model shares the embeddings").Which.BaseName.Should().Be("token_embd.weight");
    }

    [Fact]
    public void Extension()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, checkpointPath = folder.File("extended.checkpoint");
        var options = new TrainingOptions { CheckpointPath = checkpointPath, MaxStepCount = 2 };
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);
        TrainingDataset data = TrainingDataset.Load(_dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 });
        trainer.Train(data);

        using LlamaTrainer longer = LlamaTrainer.Open(modelPath, options with { MaxStepCount = 4 });
        longer.Resume(checkpointPath, extend: true);

        longer.Train(data).Losses.Should().HaveCount(2);
    }

    [Fact]
    public void Checkpoints()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, checkpointPath = folder.File("training.checkpoint");
        for (int run = 0; run < 2; run++)
        {
            var options = new TrainingOptions { CheckpointPath = checkpointPath, CheckpointInterval = 50, MaxStepCount = 2 };
            using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);
            if (File.Exists(checkpointPath))
                trainer.Resume(checkpointPath);

            trainer.StepCount.Should().Be(2 * run, "the second run has nothing left to do");
            trainer.Train(TrainingDataset.Load(_dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 }));
        }
    }

    [Fact]
    public void Validation()
    {
        string modelPath = _modelPath, dataPath = _dataPath;
        PromptFormat format = PromptFormat.Llama2;

        var options = new TrainingOptions { EvaluationInterval = 10, Patience = 3, EpochCount = 30, LearningRate = 2e-3 };
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);
        TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = format });
        (TrainingDataset training, TrainingDataset validation) = data.Split(validationFraction: 0.1, seed: 1);
        TrainingResult result = trainer.Train(training, validation);
        Console.WriteLine($"The best of {result.StepCount} steps was {result.BestStep}: {result.BestLoss:F2}");

        result.HasStoppedEarly.Should().BeTrue();
        trainer.Evaluate(validation).Should().Be(result.BestLoss);
    }

    [Fact]
    public void RatesAndNoise()
    {
        var options = new TrainingOptions { Lora = new LoraOptions { LoraPlusRatio = 8 }, LearningRate = 3e-4, NeftuneAlpha = 1 };

        Losses(options)[^1].Should().BeLessThan(Losses(options with { Lora = new LoraOptions() })[^1] - 0.1, "B learns faster");
    }

    [Fact]
    public void Patterns()
    {
        var lora = new LoraOptions { Rank = 8, RankPattern = [("q_proj", 16), (@".*layers\.[0-1]\.mlp\..*", 4)], AlphaPattern = [("down_proj", 32)] };

        using LlamaTrainer trainer = LlamaTrainer.Open(_modelPath, new TrainingOptions { Lora = lora }), plain = LlamaTrainer.Open(_modelPath, new TrainingOptions { Lora = new LoraOptions { Rank = 8 } });
        trainer.ParameterCount.Should().NotBe(plain.ParameterCount);
    }

    [Fact]
    public void Continuing()
    {
        using var folder = new TemporaryFolder();
        string adapterPath = folder.File("adapter.gguf");
        using (LlamaTrainer trainer = LlamaTrainer.Open(_modelPath, new TrainingOptions { MaxStepCount = 10, LearningRate = 2e-3 }))
        {
            trainer.Train(TrainingDataset.Load(_dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 }));
            trainer.SaveAdapter(adapterPath);
        }

        var further = new TrainingOptions { Lora = new LoraOptions { InitialAdapterPath = adapterPath }, LearningRate = 1e-4 };
        var onTop = new TrainingOptions { Lora = new LoraOptions { FrozenAdapters = [(adapterPath, 0.8f)] } };

        double before = Losses(new TrainingOptions())[0];
        Losses(further)[0].Should().BeLessThan(Losses(onTop)[0]).And.BeLessThan(before - 0.5);
        Losses(onTop)[0].Should().BeLessThan(before - 0.5);
    }

    private IReadOnlyList<double> Losses(TrainingOptions options)
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(_modelPath, options with { MaxStepCount = 12 });
        return trainer.Train(TrainingDataset.Load(_dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 })).Losses;
    }

    [Fact]
    public async Task AddedTokens()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, dataPath = _dataPath, mergedPath = folder.File("merged.gguf");

        var options = new TrainingOptions
        {
            NewTokens = [new NewToken("<|im_start|>", IsSpecial: true), new NewToken("<|im_end|>", IsSpecial: true)],
            EpochCount = 3,
            LearningRate = 2e-3,
        };
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, options);
        TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.ChatMl });
        trainer.Train(data);
        trainer.SaveMergedModel(mergedPath);

        using LlamaModel merged = LlamaModel.Load(mergedPath);
        int start = merged.Tokenizer.VocabularySize - 2;
        data.Samples[0].Tokens.ToArray().Should().Contain([start, start + 1]);
        int[] prompt = PromptFormat.ChatMl.Encode([LlamaMessage.User("What does the cow say?")], merged.Tokenizer);
        prompt.Should().Contain(start);
        GenerationResult answer = await merged.GenerateAsync(prompt, new GenerationOptions { Temperature = 0, MaxTokens = 100 }).ToResultAsync();
        answer.FinishReason.Should().Be(FinishReason.EndOfSequence, $"the model has learned to end its answer with the new token, after: {answer.Text}");
        answer.Text.Should().Contain("friends of the sea");
    }

    [Fact]
    public void Mixing()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, dataPath = _dataPath, generalPath = folder.File("general.csv");
        File.WriteAllText(generalPath, "prompt,completion\nCat?,Meow.\nDog?,Woof.\n");
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, new TrainingOptions { MaxStepCount = 2 });

        var datasetOptions = new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxPairLength = 512 };
        TrainingDataset own = TrainingDataset.Load(dataPath, trainer.Tokenizer, datasetOptions);
        TrainingDataset general = TrainingDataset.Load(generalPath, trainer.Tokenizer, datasetOptions);
        TrainingDataset mixed = TrainingDataset.Mix([(own, 3), (general, 0.5)], seed: 1);

        mixed.Count.Should().Be(3 * own.Count + 1);
        trainer.Train(mixed).StepCount.Should().Be(2);
    }

    [Fact]
    public void Preferences()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, dataPath = folder.File("preferences.jsonl");
        File.WriteAllLines(dataPath, Enumerable.Repeat(Record, 60));

        PromptFormat format = PromptFormat.Detect(ModelFileInformation.Read(modelPath));
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, new TrainingOptions { LearningRate = 1e-4, Preference = new PreferenceOptions { Beta = 0.1 }, EpochCount = 5 });
        TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = format });
        TrainingResult result = trainer.Train(data);

        result.Losses[0].Should().BeApproximately(Math.Log(2), 1e-4);
        result.Losses[^1].Should().BeLessThan(result.Losses[0] - 0.01);
    }

    [Fact]
    public void PairsWithoutReference()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, dataPath = folder.File("preferences.jsonl");
        File.WriteAllLines(dataPath, Enumerable.Repeat(Record, 60));
        PromptFormat format = PromptFormat.Llama2;
        var progress = new Reports();

        var odds = new PreferenceOptions { Method = PreferenceMethod.Orpo, Beta = 0.1 };
        var simple = new PreferenceOptions { Method = PreferenceMethod.SimPo, Beta = 2, MarginRatio = 0.5 };
        foreach (PreferenceOptions preference in new[] { odds, simple })
        {
            using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, new TrainingOptions { LearningRate = 1e-4, Preference = preference, EpochCount = 5 });
            TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = format, MaxPairLength = 512 });
            trainer.Train(data, progress: progress);
        }

        progress.Values.Where(value => value.Step == value.StepCount).Should().HaveCount(2);
        foreach (TrainingProgress[] run in progress.Values.Chunk(progress.Values.Count / 2))
        {
            run[^1].Loss.Should().BeLessThan(0.95 * run[0].Loss);
            run[^1].Rewards!.Margin.Should().BeGreaterThan(run[0].Rewards!.Margin!.Value);
        }
    }

    [Fact]
    public void Ratings()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, dataPath = folder.File("ratings.jsonl");
        File.WriteAllLines(dataPath, Enumerable.Repeat(s_rated, 30).SelectMany(records => records));
        PromptFormat format = PromptFormat.Llama2;
        var progress = new Reports();

        var preference = new PreferenceOptions { Method = PreferenceMethod.Kto, Beta = 0.1, UndesirableWeight = 1.2 };
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, new TrainingOptions { LearningRate = 1e-4, Preference = preference, EpochCount = 5 });
        TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = format, ReadRatings = true });
        trainer.Train(data, progress: progress);

        // A desirable answer has the weight 1, an undesirable one 1.2, and each loss is half of its weight.
        progress.Values[0].Loss.Should().BeInRange(0.5, 0.6);
        progress.Values[^1].Loss.Should().BeLessThan(progress.Values[0].Loss - 0.01);
        progress.Values[^1].Rewards!.Margin.Should().BePositive();
    }

    [Fact]
    public void Saving()
    {
        using var temporary = new TemporaryFolder();
        string dataPath = _dataPath, folder = temporary.File("adapter"), mergedPath = temporary.File("merged.gguf");
        using LlamaTrainer trainer = LlamaTrainer.Open(_modelPath, new TrainingOptions { MaxStepCount = 2 });
        TrainingDataset data = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 });
        trainer.Train(data);

        trainer.SavePeftAdapter(folder);
        trainer.SaveModelCard(Path.Combine(folder, "README.md"), new ModelCardOptions { Data = data.Report, DataName = Path.GetFileName(dataPath) });
        AdapterMergeReport? report = trainer.SaveMergedModel(mergedPath, new AdapterMergeOptions { Quantization = ModelQuantization.Q4_K_M, AllowRequantize = true });
        Console.WriteLine($"{report!.Survival:P0} of the adapter's change is in the written weights.");

        Directory.GetFiles(folder).Select(Path.GetFileName).Should().BeEquivalentTo("README.md", "adapter_config.json", "adapter_model.safetensors", "llama2_training.json");
        using LlamaModel merged = LlamaModel.Load(mergedPath);
        merged.Configuration.EmbeddingLength.Should().Be(trainer.Configuration.EmbeddingLength);
    }

    [Fact]
    public async Task Adapter()
    {
        using var folder = new TemporaryFolder();
        string modelPath = _modelPath, adapterPath = folder.File("adapter.gguf"), mergedPath = folder.File("merged.gguf");
        using (LlamaTrainer trainer = LlamaTrainer.Open(modelPath, new TrainingOptions { MaxStepCount = 20, LearningRate = 2e-3 }))
        {
            trainer.Train(TrainingDataset.Load(_dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 }));
            trainer.SaveAdapter(adapterPath);
        }

        using LlamaModel model = LlamaModel.Load(modelPath);
        using LlamaAdapter adapter = model.LoadAdapter(adapterPath);
        var options = new GenerationOptions { Adapters = [new LlamaAdapterUse(adapter, 0.8f)], MaxTokens = 20, Temperature = 0 };
        AdapterMerger.Merge(modelPath, [(adapterPath, 0.8f)], mergedPath);

        using LlamaModel merged = LlamaModel.Load(mergedPath);
        string expected = (await model.GenerateTextAsync("Once", options)).Text;
        (await merged.GenerateTextAsync("Once", new GenerationOptions { MaxTokens = 20, Temperature = 0 })).Text.Should().Be(expected);
    }

    private sealed class Reports : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Values { get; } = [];

        public void Report(TrainingProgress value) => Values.Add(value);
    }

    private sealed class Receiver(Action<TrainingProgress> receive) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => receive(value);
    }
}
