using Llama2.Tests;

namespace Llama2.Training.Tests.Model;

/// <summary>During training, the model writes what it would write with the adapter that is saved then.</summary>
public sealed class GreedyGeneratorTests(TinyTraining tiny) : IClassFixture<TinyTraining>
{
    private const int MaxTokens = 12;

    [Fact]
    public async Task Generate_TrainedAdapter_WritesWhatInferenceWrites()
    {
        string modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), adapterPath = tiny.Path("generator.gguf"), exactPath = tiny.Path("exact.gguf");
        ModelQuantizer.Quantize(modelPath, exactPath, ModelQuantization.F32, new ModelQuantizerOptions { AllowRequantize = true });
        using LlamaTrainer trainer = LlamaTrainer.Open(exactPath, new TrainingOptions { MaxStepCount = 8, LearningRate = 2e-3, BatchTokenCount = 128, NeftuneAlpha = 5 });
        TrainingDataset data = TrainingDataset.Load(RepositoryFiles.Committed("samples", "FineTune", "sailor.jsonl"), trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 128 });
        string[] questions = ["What is your name?", "Where do you live?", "Why?", "What sound does a cow make?", "Who is the captain of this big old ship?"];
        int[][] prompts = [.. questions.Select(question => PromptFormat.Llama2.Encode([LlamaMessage.User(question)], trainer.Tokenizer))];
        IReadOnlyList<int[]> before = trainer.Generate(prompts, MaxTokens);
        trainer.Train(data);

        IReadOnlyList<int[]> generated = trainer.Generate(prompts, MaxTokens);

        trainer.SaveAdapter(adapterPath);
        using LlamaModel model = LlamaModel.Load(exactPath);
        using LlamaAdapter adapter = model.LoadAdapter(adapterPath);
        for (int i = 0; i < prompts.Length; i++)
        {
            string expected = "";
            await foreach (GenerationUpdate update in model.GenerateAsync(prompts[i], new GenerationOptions { Adapters = [new LlamaAdapterUse(adapter)], MaxTokens = MaxTokens, Temperature = 0 }))
                expected += update.Text;
            trainer.Tokenizer.Decode(generated[i]).Trim().Should().Be(expected.Trim());
        }

        generated.Zip(before).Should().Contain(pair => !pair.First.SequenceEqual(pair.Second), "training changed the answers");
        generated.Should().Contain(text => text.Length < MaxTokens, "an answer ended by itself").And.Contain(text => text.Length > 3);
    }

    [Fact]
    public void Train_ValidationMetrics_CountTheAnswersThatGenerationWrites()
    {
        string modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");
        using LlamaTrainer trainer = LlamaTrainer.Open(modelPath, new TrainingOptions { EpochCount = 12, MaxStepCount = 60, EvaluationInterval = 15, LearningRate = 4e-3, BatchTokenCount = 256 });
        TrainingDataset data = TrainingDataset.Load(RepositoryFiles.Committed("samples", "FineTune", "sailor.jsonl"), trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 128 });
        var part = new TrainingDataset([.. data.Samples.Where(HasOneAnswer).Take(20)]);
        List<(AnswerMetrics Metrics, int RightCount)> evaluations = [];

        trainer.Train(part, part, new Reporter(report =>
        {
            if (report.ValidationMetrics is { } metrics)
                evaluations.Add((metrics, part.Samples.Count(IsWritten)));
        }));

        evaluations.Should().HaveCountGreaterThan(1).And.OnlyContain(evaluation => evaluation.Metrics.ExactMatch == evaluation.RightCount / 20.0);
        evaluations[^1].RightCount.Should().BePositive("the answers are learned by heart").And.BeGreaterThan(evaluations[0].RightCount);
        evaluations.Should().OnlyContain(evaluation => evaluation.Metrics.TokenAccuracy >= evaluation.Metrics.ExactMatch && evaluation.Metrics.TokenAccuracy < 1.0001);

        static bool HasOneAnswer(TrainingSample sample) => !sample.LossMask.Span[sample.LossMask.Span.IndexOf(true)..].Contains(false);

        // The answer is everything after the prompt, and the token that ends it.
        bool IsWritten(TrainingSample sample)
        {
            int[] tokens = sample.Tokens.ToArray();
            int first = sample.LossMask.Span.IndexOf(true);
            int[] answer = tokens[first..^1];
            return trainer.Generate([tokens[..first]], answer.Length + 1)[0].SequenceEqual(answer);
        }
    }

    [Fact]
    public void Generate_WrongPrompt_SaysWhatIsAllowed()
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(tiny.Model("F32"), TinyTraining.Options);

        FluentActions.Invoking(() => trainer.Generate([[]], 4)).Should().Throw<ArgumentException>().WithMessage("*A prompt has 0 tokens; 1 to 36 are allowed*");
        FluentActions.Invoking(() => trainer.Generate([new int[37]], 4)).Should().Throw<ArgumentException>().WithMessage("*A prompt has 37 tokens*");
        FluentActions.Invoking(() => trainer.Generate([[-1]], 4)).Should().Throw<ArgumentException>().WithMessage("*not in the vocabulary*");
        FluentActions.Invoking(() => trainer.Generate([[1]], 0)).Should().Throw<ArgumentOutOfRangeException>();
        trainer.Generate([new int[36], new int[20], [1]], 4).Should().HaveCount(3).And.OnlyContain(text => text.Length <= 4);
        trainer.Generate([], 4).Should().BeEmpty();
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
