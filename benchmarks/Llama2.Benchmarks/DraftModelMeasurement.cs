using System.Globalization;
using System.Runtime.InteropServices;
using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Formats.Gguf;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures how a draft model changes the speed of a model, by alternating runs with and without it. The share of right guesses is known whatever the
/// weights are: the model is made to give an answer that its draft model would give, in which a share of the tokens is replaced at random, and the draft model
/// reads the replaced tokens before it goes on. Both models take their real time, that of the draft model's prompt included.
/// </summary>
internal static class DraftModelMeasurement
{
    private const int PromptTokenCount = 100;
    private const int TokenCount = 150;
    // Random weights give tokens that are hardly likelier than others, and a draft model does not guess these. With larger logits it is always sure.
    private const float Sharpening = 20;

    /// <summary>Measures a model and prints a line for the model's own text, and one for each share.</summary>
    /// <param name="modelPath">The model.</param>
    /// <param name="draftPath">The draft model, a GGUF file.</param>
    /// <param name="runCount">The number of runs of each kind.</param>
    /// <param name="shares">The shares of the answer's tokens that the draft model would choose, 0 to 1.</param>
    public static async Task RunAsync(string modelPath, string draftPath, int runCount, double[] shares)
    {
        Console.WriteLine("| text | tokens/s | with the draft model | ratio | ratios | computed guesses | right |\n|---|---|---|---|---|---|---|");
        if (shares.Length == 0)
        {
            using LlamaModel own = Load(modelPath, draftPath);
            await MeasureAsync(own, "the model's own", runCount, null).ConfigureAwait(false);
            return;
        }

        string sure = Path.GetTempFileName();
        try
        {
            Sharpen(draftPath, sure);
            int[][] answers;
            using (LlamaModel draft = LlamaModel.Load(sure))
            {
                answers = await Task.WhenAll(shares.Select(share => AnswerAsync(draft, share))).ConfigureAwait(false);
            }

            using LlamaModel model = Load(modelPath, sure);
            foreach ((double share, int[] answer) in shares.Zip(answers))
            {
                await MeasureAsync(model, string.Create(CultureInfo.InvariantCulture, $"{share:P0} as the draft model's"), runCount, answer).ConfigureAwait(false);
            }
        }
        finally
        {
            File.Delete(sure);
        }
    }

    private static LlamaModel Load(string path, string draft) => LlamaModel.Load(path, new LlamaModelOptions { DraftModel = draft });

    private static async Task MeasureAsync(LlamaModel model, string name, int runCount, int[]? answer)
    {
        int[] prompt = Prompt(model);
        GenerationOptions options = Options(answer is null ? null : () => new RecordedChoice(prompt.Length, answer));
        GenerationOptions guessing = options with { Speculation = new SpeculationOptions { Sources = [DraftSource.DraftModel] } };
        List<double> plain = [], guessed = [];
        GenerationUsage last = await UsageAsync(model, prompt, guessing).ConfigureAwait(false);
        for (int run = 0; run < runCount; run++)
        {
            plain.Add((await UsageAsync(model, prompt, options).ConfigureAwait(false)).GeneratedTokensPerSecond);
            last = await UsageAsync(model, prompt, guessing).ConfigureAwait(false);
            guessed.Add(last.GeneratedTokensPerSecond);
        }

        double[] ratios = [.. guessed.Zip(plain, (with, without) => with / without).Order()];
        Console.WriteLine(FormattableString.Invariant(
            $"| {name} | {Median(plain):N1} | {Median(guessed):N1} | {Median(ratios):N2} | {ratios[0]:N2} to {ratios[^1]:N2} | {last.DraftTokenCount} | {last.AcceptedDraftTokenCount} |"));
    }

    // The draft model's own text, in which the other tokens are random ones.
    private static async Task<int[]> AnswerAsync(LlamaModel draft, double share)
    {
        var answer = new List<int>();
        await foreach (GenerationUpdate update in draft.GenerateAsync(Prompt(draft), Options(() => new RandomReplacement(draft.Configuration.VocabularySize, 1 - share))).ConfigureAwait(false))
        {
            if (update.Token is { } token)
            {
                answer.Add(token);
            }
        }

        return [.. answer];
    }

    private static GenerationOptions Options(Func<ILogitProcessor>? create) => new()
    {
        Temperature = 0,
        MaxTokens = TokenCount,
        IgnoreEndOfSequence = true,
        ReusePrefix = false,
        Speculation = SpeculationOptions.Off,
        LogitProcessors = create is null ? [] : [new LogitProcessorStep(_ => create())],
    };

    private static int[] Prompt(LlamaModel model)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, PromptTokenCount).Select(_ => random.Next(model.Configuration.VocabularySize))];
    }

    private static async Task<GenerationUsage> UsageAsync(LlamaModel model, int[] prompt, GenerationOptions options)
        => (await model.GenerateAsync(prompt, options).ToResultAsync().ConfigureAwait(false)).Usage;

    private static void Sharpen(string path, string copy)
    {
        File.Copy(path, copy, overwrite: true);
        using GgufFile file = GgufFile.Open(path);
        if (!file.TryGetTensor(LlamaTensors.OutputNorm.Name(), out TensorDescription? norm))
        {
            throw new ArgumentException($"'{path}' has no output norm.", nameof(path));
        }

        float[] weights = new float[norm.Dimensions[0]];
        file.Read(norm, 0, MemoryMarshal.AsBytes(weights.AsSpan()));
        using FileStream stream = File.OpenWrite(copy);
        stream.Position = norm.Offset;
        stream.Write(MemoryMarshal.AsBytes(Array.ConvertAll(weights, weight => weight * Sharpening).AsSpan()));
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Makes a share of the tokens random ones.</summary>
    private sealed class RandomReplacement(int vocabularySize, double share) : ILogitProcessor
    {
        private readonly Random _random = new(1);

        public void Process(TokenCandidates candidates, ReadOnlySpan<int> history)
        {
            int token = _random.Next(vocabularySize);
            if (_random.NextDouble() < share)
            {
                candidates.Logits[token] = 1e6f;
            }
        }
    }
}
