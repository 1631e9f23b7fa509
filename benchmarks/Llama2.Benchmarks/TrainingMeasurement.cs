using System.Globalization;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training;
using Llama2.Training.Tensors;

namespace Llama2.Benchmarks;

/// <summary>Measures the float32 products of training against the processor's peak, and whole training steps.</summary>
internal static class TrainingMeasurement
{
    private const int TokenCount = 512;
    private const int StepCount = 6;

    /// <summary>Prints a line for each product and number of threads.</summary>
    public static void RunProducts()
    {
        foreach (int threads in new[] { 1, 2 })
        {
            using var pool = new WorkerPool(threads);
            double peak = MultiplyAddPeak.Measure(pool);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{threads} thread(s): peak {peak:F1} GMAC/s"));
            foreach ((int columns, int length) in new[] { (768, 768), (3072, 768), (768, 3072), (2048, 2048), (5632, 2048), (16, 2048), (2048, 16) })
            {
                MeasureProduct(pool, columns, length, peak);
            }
        }
    }

    /// <summary>Prints lines for each model.</summary>
    /// <param name="models">Model files to measure a LoRA step with.</param>
    public static void RunSteps(IReadOnlyList<string> models)
    {
        foreach (string model in models)
        {
            MeasureStep(model);
        }
    }

    private static void MeasureProduct(WorkerPool pool, int columnCount, int length, double peak)
    {
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
            $"  {TokenCount} × {columnCount} × {length}: x·Wᵀ {forward:F1} ({forward / peak:P0}), dy·W {input1:F1} ({input1 / peak:P0}), dyᵀ·x {weight:F1} ({weight / peak:P0})"));
    }

    // LoRA of rank 16 on all seven layers, one sample of 512 tokens a step, activations kept.
    private static void MeasureStep(string path)
    {
        int[] tokens = [.. Enumerable.Range(0, TokenCount + 1).Select(i => (i * 7919 + 13) % RandomModelShape.VocabularySize)];
        TrainingSample[] samples = [new TrainingSample(tokens, Enumerable.Repeat(true, tokens.Length).ToArray())];
        foreach (bool quantizes in new[] { false, true })
        {
            using LlamaTrainer trainer = LlamaTrainer.Open(
                path, new TrainingOptions { EpochCount = StepCount, BatchTokenCount = TokenCount, RecomputesActivations = false, QuantizesActivations = quantizes });
            var reports = new List<TimeSpan>();
            trainer.Train(samples, new Reporter(report => reports.Add(report.Elapsed)));
            double seconds = reports.Zip(reports.Skip(1), (left, right) => (right - left).TotalSeconds).Min();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}, activations of {(quantizes ? "8 bits" : "float32")}: {TokenCount / seconds:F1} tokens/s, {seconds:F3} s a step"));
        }
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
