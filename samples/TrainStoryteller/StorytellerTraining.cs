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
    private const int VocabularySize = 1024, StepTokenCount = 2048, ValidationTokenCount = 60 * TokenWindows.Length;
    private static readonly ModelShape s_shape = new(
        EmbeddingLength: 128, LayerCount: 4, HeadCount: 4, KeyValueHeadCount: 2, FeedForwardLength: 352, ContextLength: 512);

    // Tools are announced in the prompt, which takes up to 230 tokens.
    private static readonly ModelShape s_shapeWithTools = s_shape with { ContextLength = DocumentSamples.MaxLength };

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

    /// <summary>Trains the model, or continues its training.</summary>
    /// <returns>The path of the quantized model.</returns>
    public string Run(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        Directory.CreateDirectory(settings.Folder);
        ModelTokenizer tokenizer = LearnVocabulary(cancellationToken);

        // No text is used twice, so the model cannot memorize texts. Validation has separate texts.
        TrainingSample[] training = CreateSamples(tokenizer, settings.Seed, (long)settings.StepCount * StepTokenCount, cancellationToken);
        var validation = new TrainingDataset(CreateSamples(tokenizer, settings.Seed + 1_000_000, ValidationTokenCount, cancellationToken));

        using LlamaTrainer trainer = LlamaTrainer.Create(TokenizerPath, settings.HasTools ? s_shapeWithTools : s_shape, Options, cancellationToken: cancellationToken);
        output.WriteLine($"{trainer.ParameterCount:N0} parameters, {training.Sum(sample => (long)sample.Tokens.Length - 1):N0} tokens to learn from.");
        if (File.Exists(CheckpointPath))
        {
            trainer.Resume(CheckpointPath);
            output.WriteLine($"Resumed at step {trainer.StepCount:N0}.");
        }

        trainer.Train(new TrainingDataset(training), progress: new ProgressPrinter(output, () => trainer.Evaluate(validation, cancellationToken: cancellationToken)), cancellationToken: cancellationToken);
        string path = WriteModels(trainer, cancellationToken);
        output.WriteLine(
            $"{path} after {Stopwatch.GetElapsedTime(start).TotalMinutes:F1} minutes, {Environment.CpuUsage.TotalTime.TotalMinutes:F1} of all processors together.");
        return path;
    }

    private TrainingOptions Options => new()
    {
        Lora = null,
        LearningRate = 6e-3,
        WarmupFraction = 0.02,
        Beta2 = 0.95f,
        WeightDecay = 0.1f,
        BatchTokenCount = StepTokenCount,
        MaxStepCount = settings.HasTools ? settings.StepCount : null,
        RecomputeActivations = false,
        Seed = (ulong)settings.Seed,
        ThreadCount = settings.ThreadCount,
        CheckpointPath = CheckpointPath,
        CheckpointInterval = 500,
    };

    // Conversations with tools are learned whole, because a call depends on the tools at the beginning.
    private TrainingSample[] CreateSamples(ModelTokenizer tokenizer, int seed, long tokenCount, CancellationToken cancellationToken) => settings.HasTools
        ? DocumentSamples.Create(tokenizer, seed, tokenCount, cancellationToken)
        : TokenWindows.Create(tokenizer, seed, (int)(tokenCount / TokenWindows.Length), cancellationToken);

    // The same seed gives the same vocabulary, so it is learned again when training continues.
    private ModelTokenizer LearnVocabulary(CancellationToken cancellationToken)
    {
        var documents = new DocumentWriter(settings.Seed, settings.HasTools);
        ModelTokenizer tokenizer = TokenizerTrainer.Train(
            Enumerable.Range(0, settings.VocabularyDocumentCount).SelectMany(_ => documents.Write()),
            new TokenizerTrainerOptions { VocabularySize = VocabularySize, CharacterCoverage = 1 }, cancellationToken: cancellationToken);
        tokenizer.Save(TokenizerPath);
        return tokenizer;
    }

    private string WriteModels(LlamaTrainer trainer, CancellationToken cancellationToken)
    {
        string exact = InFolder("storyteller-1m-F32.gguf"), half = InFolder("storyteller-1m-F16.gguf"), quantized = InFolder("storyteller-1m-Q8_0.gguf");
        trainer.SaveModel(exact, description: s_description, cancellationToken: cancellationToken);
        ModelQuantizer.Quantize(exact, half, ModelQuantization.F16, cancellationToken: cancellationToken);
        ModelQuantizer.Quantize(exact, quantized, ModelQuantization.Q8_0, cancellationToken: cancellationToken);
        File.Delete(exact);
        return quantized;
    }

    private string InFolder(string name) => Path.Combine(settings.Folder, name);
}
