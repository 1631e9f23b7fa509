using System.Diagnostics;

namespace Llama2.Cli;

/// <summary>Measures how fast a model loads, reads a prompt and generates, and what memory it takes.</summary>
internal sealed class Benchmark(BenchmarkPlan plan)
{
    private const double Giga = 1e9;
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0, IgnoreEndOfSequence = true };
    private readonly List<GenerationUsage> _runs = [];
    private readonly List<double> _allocatedBytesPerToken = [];

    /// <summary>Runs the plan.</summary>
    /// <param name="path">The model.</param>
    /// <param name="host">Shows how far it has come.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CommandException">Prompt and generated tokens are more than the model's context.</exception>
    public async Task<IReadOnlyList<BenchmarkFigure>> RunAsync(string path, ConsoleHost host, CancellationToken cancellationToken)
    {
        var file = ModelFileInformation.Read(path);
        long start = Stopwatch.GetTimestamp();
        TimeSpan loadTime;
        long peakMemory;
        var options = new LlamaModelOptions { ThreadCount = plan.ThreadCount, KeyValueCacheType = plan.CacheType };
        using (LlamaModel model = await ModelLoading.LoadAsync(path, options, host, isQuiet: false, cancellationToken).ConfigureAwait(false))
        {
            loadTime = Stopwatch.GetElapsedTime(start);
            await ProgressBar.RunAsync(host, isQuiet: false, "Measuring", progress => RunAllAsync(model, progress, cancellationToken)).ConfigureAwait(false);
            peakMemory = Process.GetCurrentProcess().PeakWorkingSet64;
        }

        // After the model is gone: the buffer's half gibibyte is none of its memory.
        double bandwidth = await ProgressBar.RunAsync(
            host, isQuiet: false, "Measuring memory", _ => Task.Run(() => MemoryBandwidth.MeasureRead(plan.ThreadCount, cancellationToken), cancellationToken)).ConfigureAwait(false);
        return Figures(file, loadTime, peakMemory, bandwidth);
    }

    private async Task<bool> RunAllAsync(LlamaModel model, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if ((long)plan.PromptTokenCount + plan.GeneratedTokenCount > model.ContextLength)
        {
            throw new CommandException(FormattableString.Invariant(
                $"{plan.PromptTokenCount:N0} tokens of prompt and {plan.GeneratedTokenCount:N0} generated ones do not fit in the model's context of {model.ContextLength:N0}; lower --prompt or --generate."));
        }

        // The first run warms up: pages, caches and the JIT. It is not counted.
        for (int run = 0; run <= plan.RepeatCount; run++)
        {
            await RunOnceAsync(model, isCounted: run > 0, cancellationToken).ConfigureAwait(false);
            progress?.Report((run + 1.0) / (plan.RepeatCount + 1));
        }

        return true;
    }

    private async Task RunOnceAsync(LlamaModel model, bool isCounted, CancellationToken cancellationToken)
    {
        long firstAllocated = 0, lastAllocated = 0;
        int count = 0;
        GenerationUsage? usage = null;
        GenerationOptions options = s_greedy with { MaxTokens = plan.GeneratedTokenCount };
        await foreach (GenerationUpdate update in model.GenerateAsync(Prompt(model), options, cancellationToken).ConfigureAwait(false))
        {
            usage = update.Usage;
            if (update.Token is not null && ++count is var token && (token == 1 || token == plan.GeneratedTokenCount))
            {
                lastAllocated = GC.GetTotalAllocatedBytes(precise: true);
                firstAllocated = token == 1 ? lastAllocated : firstAllocated;
            }
        }

        if (isCounted)
        {
            _runs.Add(usage!);
            _allocatedBytesPerToken.Add((lastAllocated - firstAllocated) / (plan.GeneratedTokenCount - 1.0));
        }
    }

    // The same tokens on every machine. Which they are makes no difference to the time.
    private int[] Prompt(LlamaModel model)
    {
        var random = new Random(1);
        int[] tokens = new int[plan.PromptTokenCount];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = random.Next(model.Configuration.VocabularySize);
        }

        return tokens;
    }

    private BenchmarkFigure[] Figures(ModelFileInformation file, TimeSpan loadTime, long peakMemory, double bandwidth)
    {
        long tokenBytes = BytesReadPerToken(file);
        var decode = new BenchmarkFigure("decode tokens per second", [.. _runs.Select(run => run.GeneratedTokensPerSecond)], "N1", IsRepeated: true);
        return
        [
            new("file bytes", file.ByteSize, "N0"),
            new("threads", plan.ThreadCount ?? Environment.ProcessorCount, "N0"),
            new("prompt tokens", plan.PromptTokenCount, "N0"),
            new("generated tokens", plan.GeneratedTokenCount, "N0"),
            new("load seconds", loadTime.TotalSeconds, "N2"),
            new("load gigabytes per second", file.ByteSize / loadTime.TotalSeconds / Giga, "N2"),
            new("prefill tokens per second", [.. _runs.Select(run => run.PromptTokensPerSecond)], "N1", IsRepeated: true),
            decode,
            new("time to first token seconds", [.. _runs.Select(run => run.TimeToFirstToken.TotalSeconds)], "N3", IsRepeated: true),
            new("peak memory bytes", peakMemory, "N0"),
            new("allocated bytes per token", _allocatedBytesPerToken, "N1", IsRepeated: true),
            new("memory read gigabytes per second", bandwidth / Giga, "N1"),
            new("file bytes read per token", tokenBytes, "N0"),
            new("memory read fraction of decode", decode.Median * tokenBytes / bandwidth, "P0"),
        ];
    }

    /// <summary>Bytes of every weight but the embeddings, of which a token needs a row; without an output matrix they are the output matrix too.</summary>
    internal static long BytesReadPerToken(ModelFileInformation file)
    {
        TensorInformation? embedding = file.Tensors.FirstOrDefault(tensor => tensor.Name == "token_embd.weight");
        bool isTied = file.Tensors.All(tensor => tensor.Name != "output.weight");
        long all = file.Tensors.Sum(tensor => tensor.ByteSize);
        return embedding is null || isTied ? all : all - embedding.ByteSize + embedding.ByteSize / embedding.Dimensions[^1];
    }
}
