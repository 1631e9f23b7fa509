namespace Llama2.Benchmarks;

/// <summary>
/// Measures how guesses of the next tokens change the speed of a model, by alternating runs with and without guesses: recorded answers that repeat much of
/// their prompt, recorded answers that repeat little, and random texts, which repeat nothing.
/// </summary>
internal static class SpeculationMeasurement
{
    private const int RandomTokenCount = 200;

    /// <summary>Measures a model and prints a line for each text.</summary>
    /// <param name="modelPath">The model; its vocabulary has 2,000 tokens or more.</param>
    /// <param name="folder">The folder with the recorded texts: NAME.prompt.txt and NAME.answer.txt.</param>
    /// <param name="runCount">The number of runs of each kind.</param>
    public static async Task RunAsync(string modelPath, string folder, int runCount)
    {
        using LlamaModel model = LlamaModel.Load(modelPath);
        var texts = new List<RecordedText>();
        foreach (string prompt in Directory.GetFiles(folder, "*.prompt.txt").Order(StringComparer.Ordinal))
        {
            string answer = prompt.Replace(".prompt.txt", ".answer.txt", StringComparison.Ordinal);
            texts.Add(RecordedText.Split(Path.GetFileName(prompt).Split('.')[0], File.ReadAllText(prompt), File.ReadAllText(answer)));
        }

        Console.WriteLine("| text | prompt tokens | tokens | tokens/s | with guesses | ratio | computed guesses | right |\n|---|---|---|---|---|---|---|---|");
        foreach (RecordedText text in texts)
        {
            await MeasureAsync(model, text.Name, text.Prompt, runCount, new GenerationOptions
            {
                Temperature = 0,
                MaxTokens = text.Answer.Length,
                IgnoreEndOfSequence = true,
                LogitProcessors = [new LogitProcessorStep(_ => new RecordedChoice(text.Prompt.Length, text.Answer))],
            }).ConfigureAwait(false);
        }

        var random = new Random(1);
        int[] randomPrompt = [.. Enumerable.Range(0, 100).Select(_ => random.Next(model.Tokenizer.Vocabulary.Count))];
        await MeasureAsync(
            model, "random", randomPrompt, runCount, new GenerationOptions { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, Seed = 1, MaxTokens = RandomTokenCount, IgnoreEndOfSequence = true }).ConfigureAwait(false);
        await MeasureAsync(
            model, "few words", randomPrompt, runCount, new GenerationOptions { Temperature = 1, TopK = 8, Seed = 1, MaxTokens = RandomTokenCount, IgnoreEndOfSequence = true, LogitBias = Enumerable.Range(300, 12).ToDictionary(token => token, _ => 100f) }).ConfigureAwait(false);
    }

    private static async Task MeasureAsync(LlamaModel model, string name, int[] prompt, int runCount, GenerationOptions options)
    {
        List<double> plain = [], guessed = [];
        GenerationUsage last = await RunAsync(model, prompt, options).ConfigureAwait(false);
        for (int run = 0; run < runCount; run++)
        {
            plain.Add((await RunAsync(model, prompt, options with { Speculation = SpeculationOptions.Off }).ConfigureAwait(false)).GeneratedTokensPerSecond);
            last = await RunAsync(model, prompt, options).ConfigureAwait(false);
            guessed.Add(last.GeneratedTokensPerSecond);
        }

        Console.WriteLine(FormattableString.Invariant(
            $"| {name} | {prompt.Length} | {last.GeneratedTokenCount} | {Median(plain):N1} | {Median(guessed):N1} | {Median(guessed.Zip(plain, (with, without) => with / without)):N2} | {last.DraftTokenCount} | {last.AcceptedDraftTokenCount} |"));
    }

    private static async Task<GenerationUsage> RunAsync(LlamaModel model, int[] prompt, GenerationOptions options)
        => (await model.GenerateAsync(prompt, options).ToResultAsync().ConfigureAwait(false)).Usage;

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
