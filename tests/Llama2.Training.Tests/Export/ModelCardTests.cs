namespace Llama2.Training.Tests.Export;

public class ModelCardTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private static readonly DatasetReport s_report = new(DatasetFormat.Chat, 1234, 5, 6, [], 7890, 4567, new string('a', 64));

    [Fact]
    public void SaveModelCard_PeftFolder_HasTheHubsFrontMatterAndWhatWasDone()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options with { EvaluationInterval = 2, KeepBest = true });
        TrainingResult result = trainer.Train(TinyTraining.Data, new TrainingDataset([.. TinyTraining.Data.Samples.Take(3)]));
        trainer.SavePeftAdapter(tiny.Path("card-peft"));
        string path = Path.Combine(tiny.Path("card-peft"), "README.md");

        trainer.SaveModelCard(path, new ModelCardOptions { BaseModel = "some/base \"model\"", Title = "A | pirate", License = "mit", Data = s_report, DataName = "pirates.jsonl" });

        string card = File.ReadAllText(path);
        card.Should().StartWith("---\nbase_model: \"some/base \\u0022model\\u0022\"\nbase_model_relation: adapter\nlicense: \"mit\"\nlibrary_name: peft\npipeline_tag: text-generation\ntags:\n- llama\n- llama-2\n- lora\n- sft\n---\n\n# A \\| pirate\n");
        card.Should().Contain("| LoRA rank, alpha, dropout | 4, 8, 0.1 |").And.Contain("| seed | 5 |").And.Contain("| learning rate | 0.01, falling along a cosine to 0, warm-up over 0.03 of the steps |");
        card.Should().Contain("1,234; left out 5 malformed and 6 too long").And.Contain("7,890, of which 4,567 are learned").And.Contain(new string('a', 64));
        card.Should().Contain("| samples to train with | 12 |").And.Contain("| kept for validation | 3 |");
        card.Should().Contain(FormattableString.Invariant($"The smallest validation loss is {result.BestLoss:F4}, at step {result.BestStep:N0}. The trained weights are those of that step."));
        card.Should().Contain(FormattableString.Invariant($"| 1 | {result.Losses[0]:F4} |  |")).And.Contain(FormattableString.Invariant($"| {result.StepCount} | {result.Losses[^1]:F4} | "));
        card.Should().NotContain(Path.GetTempPath()).And.NotContain(Environment.MachineName + " ").And.NotContain("\r");
    }

    [Fact]
    public void SaveModelCard_GgufOfAllWeights_SaysSo()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options with { Lora = null, MaxStepCount = 3 });
        FluentActions.Invoking(() => trainer.SaveModelCard(tiny.Path("early.md"))).Should().Throw<InvalidOperationException>().WithMessage("*Train*");
        trainer.Train(TinyTraining.Data);

        trainer.SaveModelCard(tiny.Path("model.gguf.md"));

        File.ReadAllText(tiny.Path("model.gguf.md")).Should().Contain("library_name: gguf\n").And.Contain("- gguf\n").And.Contain("All weights of **").And.NotContain("LoRA").And.Contain("\n3 steps; losses in nats a token.\n");
    }

    [Fact]
    public void SaveModelCard_MergedModel_SaysThatItNeedsNoAdapter()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options with { MaxStepCount = 3 });
        trainer.Train(TinyTraining.Data);
        AdapterMergeReport? merge = trainer.SaveMergedModel(tiny.Path("merged.gguf"), new AdapterMergeOptions { Quantization = ModelQuantization.Q8_0 });

        trainer.SaveModelCard(tiny.Path("merged.md"), new ModelCardOptions { BaseModel = "base", DescribeMergedModel = true, Merge = merge, Quantization = ModelQuantization.Q8_0 });

        string card = File.ReadAllText(tiny.Path("merged.md"));
        card.Should().StartWith("---\nbase_model: \"base\"\nbase_model_relation: finetune\nlibrary_name: gguf\n");
        card.Should().Contain("**base** with a LoRA adapter of rank 4 merged into its weights, trained to predict the marked tokens of samples: ").And.NotContain("nothing else was changed");
        card.Should().Contain(FormattableString.Invariant($"\nThis is a whole model, which needs no adapter; its weights are in Q8_0. {merge!.Survival:P1} of the adapter's change is in the written weights.\n"));
    }

    [Fact]
    public void SaveModelCard_LongCurve_HasTwentyRowsFromTheFirstStepToTheLast()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options with { EpochCount = 40, Lora = new LoraOptions { Rank = 1 } });
        TrainingResult result = trainer.Train(TinyTraining.Preferences);

        trainer.SaveModelCard(tiny.Path("long.md"));

        string[] rows = [.. File.ReadLines(tiny.Path("long.md")).SkipWhile(line => line != "|---:|---:|---:|").Skip(1)];
        result.StepCount.Should().BeGreaterThan(20);
        rows.Should().HaveCount(20);
        rows[0].Should().StartWith("| 1 | 0.6931 |");
        rows[^1].Should().StartWith($"| {result.StepCount} | ");
        File.ReadAllText(tiny.Path("long.md")).Should().Contain("- dpo\n").And.Contain("| β of the preferences | 0.1 |").And.Contain("nats a pair");
    }
}
