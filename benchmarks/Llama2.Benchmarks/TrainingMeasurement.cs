using System.Diagnostics;
using System.Globalization;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training;
using Llama2.Training.Optimizers;
using Llama2.Training.Tensors;

namespace Llama2.Benchmarks;

/// <summary>Measures the float32 products of training against the processor's peak, and whole training steps.</summary>
internal static class TrainingMeasurement
{
    private const int TokenCount = 512;
    private const int StepCount = 12;

    /// <summary>Prints a line for each product and number of threads.</summary>
    public static void RunProducts()
    {
        foreach (int threads in new[] { 1, 2 })
        {
            using var pool = new WorkerPool(threads);
            Console.WriteLine($"{threads} thread(s), billions of multiply-adds a second and parts of the peak");
            foreach ((int columns, int length) in new[] { (768, 768), (3072, 768), (768, 3072), (2048, 2048), (5632, 2048), (16, 2048), (2048, 16) })
            {
                MeasureProduct(pool, columns, length);
            }
        }
    }

    /// <summary>Prints the speed of LoRA steps with each model, with activations in float32 and in 8 bits.</summary>
    /// <param name="models">Model files to measure a LoRA step with.</param>
    public static void RunSteps(IReadOnlyList<string> models)
    {
        foreach (string model in models)
        {
            MeasureStep(model);
        }
    }

    /// <summary>Prints the speed of LoRA steps of 512 tokens with the default options.</summary>
    /// <param name="model">A model.</param>
    /// <param name="base">The format in which its weights are kept.</param>
    public static void RunDefaults(string model, BaseQuantization @base)
        => PrintStep(model, @base == BaseQuantization.Nf4 ? "weights in NF4" : "weights as in the file", new TrainingOptions { BaseQuantization = @base });

    /// <summary>Prints a line for a tiny model, all of whose weights are trained with 8 samples of 256 tokens a step.</summary>
    /// <param name="vocabulary">A GGUF file with the model's vocabulary.</param>
    public static void RunWhole(string vocabulary)
    {
        const int SampleCount = 8, SampleLength = 256, Steps = 100;
        var shape = new ModelShape(128, 4, 4, 2, 352, SampleLength);
        var options = new TrainingOptions
        {
            Lora = null,
            EpochCount = Steps,
            BatchTokenCount = SampleCount * SampleLength,
            RecomputeActivations = false,
            LearningRate = 1e-3,
        };
        using LlamaTrainer trainer = LlamaTrainer.Create(vocabulary, shape, options);
        TrainingSample[] samples = [.. Enumerable.Range(0, SampleCount).Select(sample => RandomSample(sample, SampleLength, trainer.Configuration.VocabularySize))];
        double seconds = BestStep(trainer, samples);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{trainer.ParameterCount:N0} weights, {SampleCount} × {SampleLength} tokens: {SampleCount * SampleLength / seconds:F0} tokens/s, {seconds * 1e3:F1} ms a step"));
    }

    /// <summary>
    /// Prints the speed of training all weights, one sample of 512 tokens a step, with moments in float32 and in 8 bits in turn, and the time of an
    /// optimizer step alone.
    /// </summary>
    /// <param name="path">A model.</param>
    public static void RunMoments(string path)
    {
        const int Rounds = 2, Steps = 3;
        TrainingSample[] samples = [RandomSample(0, TokenCount, RandomModel.VocabularySize)];
        double[] speeds = new double[2];
        for (int round = 0; round < 2 * Rounds; round++)
        {
            bool quantizes = round % 2 == 1;
            using LlamaTrainer trainer = LlamaTrainer.Open(
                path, new TrainingOptions { Lora = null, EpochCount = Steps, BatchTokenCount = TokenCount, RecomputeActivations = false, QuantizeMoments = quantizes });
            double speed = TokenCount / BestStep(trainer, samples);
            speeds[quantizes ? 1 : 0] = Math.Max(speeds[quantizes ? 1 : 0], speed);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"moments of {(quantizes ? "8 bits" : "float32")}: {speed:F1} tokens/s"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"8 bits ÷ float32: {speeds[1] / speeds[0]:F2}; optimizer step alone, ns a weight: {OptimizerTime(false):F2} float32, {OptimizerTime(true):F2} 8 bits"));
    }

    private static double OptimizerTime(bool quantizes)
    {
        using var pool = new WorkerPool(Environment.ProcessorCount);
        using var parameter = new Parameter("w", 4096, 4096);
        using var optimizer = new AdamW([parameter], new AdamWSettings(0.9f, 0.999f, 1e-8f, 0), quantizes, pool);
        double best = double.MaxValue;
        for (int step = 0; step < 8; step++)
        {
            RandomMatrix.Fill(parameter.Gradient.Activations, parameter.Gradient.RowCount);
            long start = Stopwatch.GetTimestamp();
            optimizer.Step(1e-4, 1);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / parameter.Values.Length);
        }

        return best;
    }

    private static void MeasureProduct(WorkerPool pool, int columnCount, int length)
    {
        // The peak is measured again for each line, because a processor's clock changes with its temperature and with the load of other cores.
        double peak = MultiplyAddPeak.Measure(pool);
        using Matrix input = new(TokenCount, length), weights = new(columnCount, length), output = new(TokenCount, columnCount);
        using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
        RandomMatrix.Fill(input.Activations, TokenCount);
        RandomMatrix.Fill(weights.Activations, columnCount);
        double work = (double)TokenCount * columnCount * length / 1e9;
        double forward = work / Stopwatches.Best(() => multiplier.Multiply(input.Rows, TokenCount, weights.Rows, length, output));
        double input1 = work / Stopwatches.Best(() => multiplier.Multiply(output.Rows, TokenCount, weights.Columns, columnCount, input));
        RandomMatrix.Fill(input.Activations, TokenCount);
        double weight = work / Stopwatches.Best(() => multiplier.Multiply(output.Columns, columnCount, input.Columns, TokenCount, weights));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {TokenCount} × {columnCount} × {length}: peak {peak:F1}, x·Wᵀ {forward:F1} ({forward / peak:P0}), dy·W {input1:F1} ({input1 / peak:P0}), dyᵀ·x {weight:F1} ({weight / peak:P0})"));
    }

    private static void MeasureStep(string path)
    {
        foreach (bool quantizes in new[] { false, true })
        {
            PrintStep(path, $"activations of {(quantizes ? "8 bits" : "float32")}", new TrainingOptions { RecomputeActivations = false, QuantizeActivations = quantizes });
        }
    }

    // LoRA of rank 16 on all seven matrices of each layer, one sample of 512 tokens a step.
    private static void PrintStep(string path, string name, TrainingOptions options)
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(path, options with { EpochCount = StepCount, BatchTokenCount = TokenCount });
        double seconds = BestStep(trainer, [RandomSample(0, TokenCount, RandomModel.VocabularySize)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}, {name}: {TokenCount / seconds:F1} tokens/s, {seconds:F3} s a step"));
    }

    private static TrainingSample RandomSample(int seed, int length, int vocabularySize)
    {
        int[] tokens = [.. Enumerable.Range(seed * length, length + 1).Select(i => (i * 7919 + 13) % vocabularySize)];
        return new TrainingSample(tokens, Enumerable.Repeat(true, tokens.Length).ToArray());
    }

    private static double BestStep(LlamaTrainer trainer, TrainingSample[] samples)
    {
        var reports = new List<TimeSpan>();
        trainer.Train(new TrainingDataset(samples), progress: new Reporter(report => reports.Add(report.Elapsed)));
        return reports.Zip(reports.Skip(1), (left, right) => (right - left).TotalSeconds).Min();
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
