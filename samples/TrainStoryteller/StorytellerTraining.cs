using System.Diagnostics;
using Llama2;
using Llama2.Training;
using TrainStoryteller.Corpus;

namespace TrainStoryteller;

/// <summary>Creates the demonstration model from scratch: texts, a vocabulary learned from them, weights, and the published files.</summary>
/// <param name="settings">The settings.</param>
/// <param name="output">The writer of progress messages.</param>
internal sealed class StorytellerTraining(Settings settings, TextWriter output)
{
    private const int VocabularySize = 1024, StepTokenCount = 2048, ValidationTokenCount = 15_360;

    // Tools are announced in the prompt, which takes up to 230 tokens.
    private static readonly ModelShape s_shape = new(
        EmbeddingLength: 128, LayerCount: 4, HeadCount: 4, KeyValueHeadCount: 2, FeedForwardLength: 352, ContextLength: DocumentSamples.MaxLength);

    private static readonly ModelDescription s_description = new()
    {
        Name = "Storyteller 1M",
        Description = "A tiny Llama trained on generated stories and dialogues, for demonstrations and tests",
        License = "mit",
        ChatTemplate = "{%- set ns = namespace(system='') -%}{%- for m in messages -%}{%- if m.role == 'system' -%}{%- set ns.system = '<<SYS>>\\n' + m.content + '\\n<</SYS>>\\n\\n' -%}"
            + "{%- elif m.role == 'user' -%}{{ bos_token + '[INST] ' + ns.system + m.content | trim + ' [/INST]' }}{%- set ns.system = '' -%}"
            + "{%- else -%}{{ ' ' + m.content | trim + ' ' + eos_token }}{%- endif -%}{%- endfor -%}",
    };

    private string TokenizerPath => InFolder("tokenizer.model");

    private string CheckpointPath => InFolder("checkpoint");

    private string ExactPath => InFolder("storyteller-1m-F32.gguf");

    /// <summary>Trains the model, or continues its training.</summary>
    /// <returns>The path of the quantized model.</returns>
    public string Run(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        Directory.CreateDirectory(settings.Folder);
        ModelTokenizer tokenizer = LearnVocabulary(cancellationToken);

        // There is one epoch: as many documents are generated as training needs. The documents for validation are generated from another seed.
        TrainingSample[] training = DocumentSamples.Create(tokenizer, settings.Seed, (long)settings.StepCount * StepTokenCount, cancellationToken);
        var validation = new TrainingDataset(DocumentSamples.Create(tokenizer, settings.Seed + 1_000_000, ValidationTokenCount, cancellationToken));

        Learn(training, validation, cancellationToken);
        Refine(tokenizer, validation, cancellationToken);
        string path = Quantize(cancellationToken);
        output.WriteLine(
            $"{path} after {Stopwatch.GetElapsedTime(start).TotalMinutes:F1} minutes, {Environment.CpuUsage.TotalTime.TotalMinutes:F1} of all processors together.");
        return path;
    }

    private void Learn(TrainingSample[] training, TrainingDataset validation, CancellationToken cancellationToken)
    {
        using LlamaTrainer trainer = LlamaTrainer.Create(
            TokenizerPath, s_shape, Options with { LearningRate = 6e-3, MaxStepCount = settings.StepCount, CheckpointPath = CheckpointPath, CheckpointInterval = 500 },
            cancellationToken: cancellationToken);
        output.WriteLine($"{trainer.ParameterCount:N0} parameters, {training.Sum(sample => (long)sample.Tokens.Length - 1):N0} tokens to learn from.");
        if (File.Exists(CheckpointPath))
        {
            trainer.Resume(CheckpointPath);
            output.WriteLine($"Resumed at step {trainer.StepCount:N0}.");
        }

        trainer.Train(new TrainingDataset(training), progress: new ProgressPrinter(output, () => trainer.Evaluate(validation, cancellationToken: cancellationToken)), cancellationToken: cancellationToken);
        trainer.SaveModel(ExactPath, description: s_description, cancellationToken: cancellationToken);
    }

    // The model learns so well to copy the names of cities into calls that half of its stories at temperature 0 give the friend the hero's name, although no
    // story of the corpus does. A short training at a lower rate, with stories in which the hero and the friend are of different sex, corrects this.
    private void Refine(ModelTokenizer tokenizer, TrainingDataset validation, CancellationToken cancellationToken)
    {
        int stepCount = Math.Max(1, settings.StepCount / 10);
        var stories = new TrainingDataset(
            DocumentSamples.Create(tokenizer, settings.Seed + 3_000_000, (long)stepCount * StepTokenCount, cancellationToken, refines: true));
        using LlamaTrainer trainer = LlamaTrainer.Open(ExactPath, Options with { LearningRate = 1e-3, MaxStepCount = stepCount }, cancellationToken: cancellationToken);
        trainer.Train(stories, progress: new ProgressPrinter(output, () => trainer.Evaluate(validation, cancellationToken: cancellationToken)), cancellationToken: cancellationToken);
        trainer.SaveModel(ExactPath, description: s_description, cancellationToken: cancellationToken);
    }

    private TrainingOptions Options => new()
    {
        Lora = null,
        WarmupFraction = 0.02,
        Beta2 = 0.95f,
        WeightDecay = 0.1f,
        BatchTokenCount = StepTokenCount,
        RecomputeActivations = false,
        Seed = (ulong)settings.Seed,
        ThreadCount = settings.ThreadCount,
    };

    // The same seed gives the same vocabulary, so it is learned again when training continues.
    private ModelTokenizer LearnVocabulary(CancellationToken cancellationToken)
    {
        var documents = new DocumentWriter(settings.Seed);
        ModelTokenizer tokenizer = TokenizerTrainer.Train(
            Enumerable.Range(0, settings.VocabularyDocumentCount).SelectMany(_ => documents.Write()),
            new TokenizerTrainerOptions { VocabularySize = VocabularySize, CharacterCoverage = 1 }, cancellationToken: cancellationToken);
        tokenizer.Save(TokenizerPath);
        return tokenizer;
    }

    private string Quantize(CancellationToken cancellationToken)
    {
        string half = InFolder("storyteller-1m-F16.gguf"), quantized = InFolder("storyteller-1m-Q8_0.gguf");
        ModelQuantizer.Quantize(ExactPath, half, ModelQuantization.F16, cancellationToken: cancellationToken);
        ModelQuantizer.Quantize(ExactPath, quantized, ModelQuantization.Q8_0, cancellationToken: cancellationToken);
        File.Delete(ExactPath);
        return quantized;
    }

    private string InFolder(string name) => Path.Combine(settings.Folder, name);
}
