using System.Diagnostics;
using System.Globalization;
using Llama2.Formats.Gguf;
using Llama2.Model;
using Llama2.Tensors;
using Llama2.Threading;
using Llama2.Training;
using Llama2.Training.Model;
using Llama2.Training.Tensors;

namespace Llama2.Benchmarks;

/// <summary>Measures the float32 products of training against the processor's peak, and whole training steps.</summary>
internal static class TrainingMeasurement
{
    private const int TokenCount = 512;

    /// <summary>Prints a line for each product and number of threads, and one for each model.</summary>
    /// <param name="models">Model files to measure a LoRA step with.</param>
    public static void Run(IReadOnlyList<string> models)
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

    private static void MeasureStep(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        ModelConfiguration shape = ConfigurationReader.Read(file);
        foreach (bool quantizes in new[] { false, true })
        {
            using var pool = new WorkerPool(LlamaHardware.PhysicalCoreCount);
            using var multiplier = new MatrixMultiplier(pool, WeightMatrixFactory.BestTier);
            LlamaWeights weights = new WeightLoader(file, shape, pool, WeightMatrixFactory.BestTier, null, CancellationToken.None).Load();
            using var model = new TrainingModel(LayerFactory.CreateAdapted(shape, weights, new LoraOptions(), 1, TokenCount, quantizes), multiplier, TokenCount, hasCheckpoints: false);
            var batch = new TokenBatch(TokenCount);
            int[] tokens = [.. Enumerable.Range(0, TokenCount + 1).Select(i => (i * 7919 + 13) % shape.VocabularySize)];
            float[] ones = [.. Enumerable.Repeat(1f / TokenCount, tokens.Length)];
            batch.TryAdd(tokens, ones);
            var watch = new Stopwatch();
            double best = double.MaxValue;
            for (int i = 0; i < 4; i++)
            {
                watch.Restart();
                model.Forward(batch);
                double forward = watch.Elapsed.TotalSeconds;
                model.Backward(batch);
                double seconds = watch.Elapsed.TotalSeconds;
                best = Math.Min(best, seconds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}, activations {(quantizes ? "8 bits" : "float32")}: {TokenCount / seconds:F0} tokens/s, forward {forward:F3} s of {seconds:F3} s"));
            }
        }
    }
}
