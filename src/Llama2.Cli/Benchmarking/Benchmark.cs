using System.Diagnostics;
using Llama2.Cli.Options;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Benchmarking;

/// <summary>Measures how fast a model loads, computes a prompt and generates text, and how much memory it takes.</summary>
internal sealed class Benchmark(BenchmarkPlan plan)
{
    private const double Giga = 1e9;
    private readonly Dictionary<int, BenchmarkRuns> _runs = [];
    private IReadOnlyList<BenchmarkFigure> _sessionFigures = [];
    private IReadOnlyList<BenchmarkFigure> _guessFigures = [];

    // If a depth is given, decoding is measured only at that depth, with a prompt of as many tokens as the depth, and not after each prompt.
    private int[] PromptTokenCounts => [.. plan.PromptTokenCounts.Concat(plan.DepthTokenCount is int depth ? [depth] : []).Distinct()];

    /// <summary>
    /// Options for greedy decoding that continues after an end-of-sequence token. Prompts do not reuse stored keys and values, so each prompt is
    /// computed completely. Nothing is guessed, because the text of a model with random weights would repeat itself.
    /// </summary>
    public static GenerationOptions Greedy { get; } = new() { Temperature = 0, IgnoreEndOfSequence = true, ReusePrefix = false, Speculation = SpeculationOptions.Off };

    /// <summary>Runs the plan.</summary>
    /// <param name="path">The path of the model.</param>
    /// <param name="host">Shows the progress.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CommandException">Prompt and generated tokens together exceed the model's context.</exception>
    public async Task<BenchmarkResult> RunAsync(string path, ConsoleHost host, CancellationToken cancellationToken)
    {
        var file = ModelFileInformation.Read(path);
        long start = Stopwatch.GetTimestamp();
        TimeSpan loadTime;
        long peakMemory, mappedByteSize;
        LlamaModelOptions options = plan.Loading with
        {
            ThreadCount = plan.ThreadCount,
            RopeScaling = plan.RopeScaling,
            KeyValueCacheType = plan.CacheType,
            DraftModel = plan.DraftModel,
            ContextLength = plan.RopeScaling is null ? null : PromptTokenCounts.Max() + plan.GeneratedTokenCount,
        };
        using (LlamaModel model = await ModelLoading.LoadAsync(path, options, host, isQuiet: false, cancellationToken).ConfigureAwait(false))
        {
            loadTime = Stopwatch.GetElapsedTime(start);
            mappedByteSize = model.Statistics.MappedWeightByteSize;
            await ProgressBar.RunAsync(host, isQuiet: false, "Measuring", progress => RunAllAsync(model, progress, cancellationToken)).ConfigureAwait(false);
            peakMemory = Process.GetCurrentProcess().PeakWorkingSet64;
        }

        // The memory bandwidth is measured after the model is disposed, so that the 512 MiB of the measurement's buffer do not count as the model's
        // memory.
        double bandwidth = await ProgressBar.RunAsync(
            host, isQuiet: false, "Measuring memory", _ => Task.Run(() => MemoryBandwidth.MeasureRead(plan.ThreadCount, cancellationToken), cancellationToken)).ConfigureAwait(false);
        return new BenchmarkResult(
            ModelFigures(file, loadTime, mappedByteSize, peakMemory, bandwidth), [.. plan.PromptTokenCounts.Select(promptTokenCount => PromptFigures(promptTokenCount, bandwidth))], _sessionFigures, _guessFigures);
    }

    /// <summary>
    /// Creates a prompt of random tokens; a given seed yields the same tokens on every machine. The time to compute a prompt does not depend on which
    /// tokens it contains.
    /// </summary>
    public static int[] Prompt(LlamaModel model, int tokenCount, int seed = 1)
    {
        var random = new Random(seed);
        int[] tokens = new int[tokenCount];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = random.Next(model.Configuration.VocabularySize);
        }

        return tokens;
    }

    private async Task<bool> RunAllAsync(LlamaModel model, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        int[] promptTokenCounts = PromptTokenCounts;
        int sessionPrompt = plan.SessionCount is null ? 0 : SessionBenchmark.SessionPromptTokenCount;
        if (Math.Max(promptTokenCounts.Max(), sessionPrompt) is var longest && (long)longest + plan.GeneratedTokenCount > model.ContextLength)
        {
            throw new CommandException(FormattableString.Invariant(
                $"{longest:N0} tokens of prompt and {plan.GeneratedTokenCount:N0} generated ones do not fit in the model's context of {model.ContextLength:N0}; lower --prompt, --depth or --generate."));
        }

        int done = 0;
        foreach (int promptTokenCount in promptTokenCounts)
        {
            // Each generated token attends to one more token than the token before it. On average, a generated token attends to the prompt and to
            // half of the generated tokens.
            var runs = new BenchmarkRuns(model.GetDecodeByteSize(promptTokenCount + plan.GeneratedTokenCount / 2));
            _runs.Add(promptTokenCount, runs);
            // The first run is not counted: it reads the pages of the model file, fills caches and makes the JIT compile the methods.
            for (int run = 0; run <= plan.RepeatCount; run++)
            {
                await RunOnceAsync(model, promptTokenCount, run > 0 ? runs : null, cancellationToken).ConfigureAwait(false);
                ReportProgress();
            }
        }

        if (plan.SessionCount is int sessionCount)
        {
            var sessions = new SessionBenchmark(model, sessionCount, plan.PromptTokenCounts.Max(), plan.GeneratedTokenCount);
            for (int run = 0; run <= plan.RepeatCount; run++)
            {
                await sessions.RunOnceAsync(isCounted: run > 0, cancellationToken).ConfigureAwait(false);
                ReportProgress();
            }

            _sessionFigures = sessions.Figures;
        }

        if (plan.MeasuresGuesses)
        {
            var guesses = new SpeculationBenchmark(model, GuessedPrompt(model), plan.GeneratedTokenCount, Greedy);
            for (int run = 0; run <= plan.RepeatCount; run++)
            {
                await guesses.RunOnceAsync(isCounted: run > 0, cancellationToken).ConfigureAwait(false);
                ReportProgress();
            }

            _guessFigures = guesses.Figures;
        }

        return true;

        void ReportProgress() => progress?.Report(++done / ((plan.RepeatCount + 1.0) * (promptTokenCounts.Length + (plan.SessionCount is null ? 0 : 1) + (plan.MeasuresGuesses ? 1 : 0))));
    }

    private int[] GuessedPrompt(LlamaModel model)
    {
        int[] prompt = plan.Text is { } text ? model.Tokenizer.Encode(text, model.Tokenizer.AddsBeginOfSequence) : Prompt(model, plan.PromptTokenCounts.Max());
        return (long)prompt.Length + plan.GeneratedTokenCount <= model.ContextLength ? prompt : throw new CommandException(FormattableString.Invariant(
            $"{prompt.Length:N0} tokens of the text and {plan.GeneratedTokenCount:N0} generated ones do not fit in the model's context of {model.ContextLength:N0}; use a shorter text, or lower --generate."));
    }

    private async Task RunOnceAsync(LlamaModel model, int promptTokenCount, BenchmarkRuns? runs, CancellationToken cancellationToken)
    {
        long firstAllocated = 0, lastAllocated = 0;
        int count = 0;
        // Allocations are counted only up to the second-to-last token. After the last token, the object with the usage statistics is allocated, which
        // happens only once per text.
        int lastCount = plan.GeneratedTokenCount - 1;
        GenerationUsage? usage = null;
        GenerationOptions options = Greedy with { MaxTokens = plan.GeneratedTokenCount };
        await foreach (GenerationUpdate update in model.GenerateAsync(Prompt(model, promptTokenCount), options, cancellationToken).ConfigureAwait(false))
        {
            usage = update.Usage;
            if (update.Token is not null && ++count is var token && (token == 1 || token == lastCount))
            {
                lastAllocated = GC.GetTotalAllocatedBytes(precise: true);
                firstAllocated = token == 1 ? lastAllocated : firstAllocated;
            }
        }

        runs?.Usages.Add(usage!);
        runs?.AllocatedBytesPerToken.Add((lastAllocated - firstAllocated) / Math.Max(1.0, lastCount - 1));
    }

    private BenchmarkFigure[] ModelFigures(ModelFileInformation file, TimeSpan loadTime, long mappedByteSize, long peakMemory, double bandwidth) =>
    [
        new("file bytes", file.ByteSize, "N0"),
        new("file bytes read per token", file.DecodeByteSize, "N0"),
        new("threads", plan.ThreadCount ?? LlamaHardware.PhysicalCoreCount, "N0"),
        new("load seconds", loadTime.TotalSeconds, "N2"),
        new("load gigabytes per second", file.ByteSize / loadTime.TotalSeconds / Giga, "N2"),
        new("mapped weight bytes", mappedByteSize, "N0"),
        new("peak memory bytes", peakMemory, "N0"),
        new("memory read gigabytes per second", bandwidth / Giga, "N1"),
        new("generated tokens", plan.GeneratedTokenCount, "N0"),
    ];

    private BenchmarkFigure[] PromptFigures(int promptTokenCount, double bandwidth)
    {
        int depth = plan.DepthTokenCount ?? promptTokenCount;
        List<GenerationUsage> prefill = _runs[promptTokenCount].Usages;
        BenchmarkRuns decode = _runs[depth];
        var decodeSpeed = new BenchmarkFigure("decode tokens per second", [.. decode.Usages.Select(run => run.GeneratedTokensPerSecond)], "N1", IsRepeated: true);
        return
        [
            new("prompt tokens", promptTokenCount, "N0"),
            new("prefill tokens per second", [.. prefill.Select(run => run.PromptTokensPerSecond)], "N1", IsRepeated: true),
            new("time to first token seconds", [.. prefill.Select(run => run.TimeToFirstToken.TotalSeconds)], "N3", IsRepeated: true),
            new("depth tokens", depth, "N0"),
            decodeSpeed,
            new("allocated bytes per token", decode.AllocatedBytesPerToken, "N1", IsRepeated: true),
            new("memory bytes read per token", decode.DecodeByteSize, "N0"),
            new("memory read fraction of decode", decodeSpeed.Median * decode.DecodeByteSize / bandwidth, "P0"),
        ];
    }
}
