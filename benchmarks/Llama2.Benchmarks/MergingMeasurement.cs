using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Quantization;
using Llama2.Training;
using static System.FormattableString;

namespace Llama2.Benchmarks;

/// <summary>
/// Measures what of an adapter survives merging: adapters of several strengths are trained over a model in several formats with four fifths of the data, and
/// merged in three ways. Each way has the part of the change that survived, the gain (how far the loss of the other data's answers fell, as a part of how far
/// it falls with the adapter at run time), and how many of these answers, generated at temperature 0, are those of the adapter at run time; the same number of
/// the model alone stands beside the losses.
/// </summary>
internal static class MergingMeasurement
{
    private static readonly ModelQuantization[] s_formats = [ModelQuantization.Q4_0, ModelQuantization.Q4_K_M, ModelQuantization.Q8_0, ModelQuantization.F16];

    private static readonly (string Name, int EpochCount, double LearningRate)[] s_adapters =
        [("one epoch, rate 2e-4", 1, 2e-4), ("one epoch", 1, 1e-3), ("five epochs", 5, 1e-3), ("twenty epochs", 20, 1e-3)];

    /// <summary>Prints a row for each format and adapter.</summary>
    /// <param name="modelPath">A model in Q8_0; see <see cref="WriteOriginal"/>.</param>
    /// <param name="dataPath">Conversations.</param>
    public static async Task RunAsync(string modelPath, string dataPath)
    {
        string folder = Directory.CreateTempSubdirectory("merging-").FullName, original = Path.Combine(folder, "original.gguf");
        try
        {
            WriteOriginal(modelPath, original);
            Console.WriteLine("| adapter | model | loss before → with the adapter, unchanged answers | each weight to the nearest | rounded for adapters | merged into the original, then quantized |\n|---|---|---|---|---|---|");
            foreach (ModelQuantization format in s_formats)
            {
                string model = Path.Combine(folder, "model.gguf");
                ModelQuantizer.Quantize(original, model, format);
                foreach ((string name, int epochCount, double learningRate) in s_adapters)
                {
                    string adapter = Path.Combine(folder, "adapter.gguf");
                    TrainingDataset kept = Train(model, dataPath, adapter, epochCount, learningRate);
                    (double before, string[] unchanged) = await MeasureAsync(model, null, kept).ConfigureAwait(false);
                    (double after, string[] answers) = await MeasureAsync(model, adapter, kept).ConfigureAwait(false);
                    Console.Write(Invariant($"| {name} | {format} | {before:F2} → {after:F2}, {SameCount(unchanged, answers)} of {answers.Length} |"));
                    foreach ((string source, MergeRounding rounding) in new[] { (model, MergeRounding.Nearest), (model, MergeRounding.ForAdapters), (original, MergeRounding.ForAdapters) })
                    {
                        string merged = Path.Combine(folder, "merged.gguf");
                        AdapterMergeReport report = AdapterMerger.Merge(
                            source, [(adapter, 1)], merged, new AdapterMergeOptions { Quantization = format, Rounding = rounding, MinSurvival = 0, AllowRequantize = true });
                        (double loss, string[] written) = await MeasureAsync(merged, null, kept).ConfigureAwait(false);
                        Console.Write(Invariant($" {100 * report.Survival:F0} %, {100 * (before - loss) / (before - after):F0} %, {SameCount(written, answers)} of {answers.Length} |"));
                    }

                    Console.WriteLine();
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The original of a published model in Q8_0 is usually not at hand. It is replaced by random weights that Q8_0 rounds to those of the file: blocks of 32
    // weights have points in steps of a 127th of their largest weight, and a weight lies at most half a step from its point.
    private static void WriteOriginal(string modelPath, string path)
    {
        var random = new Random(1);
        using GgufFile model = GgufFile.Open(modelPath);
        using var writer = new GgufWriter(path);
        foreach ((string key, object value) in model.Metadata)
        {
            writer.Add(key, value);
        }

        foreach (TensorDescription tensor in model.Tensors)
        {
            writer.AddTensor(tensor.Name, GgmlType.F32, [.. tensor.Dimensions]);
        }

        foreach (TensorDescription tensor in model.Tensors)
        {
            byte[] bytes = new byte[tensor.ByteSize];
            float[] weights = new float[tensor.RowLength * tensor.RowCount];
            model.Read(tensor, 0, bytes);
            WeightFormats.Dequantize(tensor.Type, bytes, weights);
            for (int i = 0; tensor.Type == GgmlType.Q8_0 && i < weights.Length; i += 32)
            {
                Span<float> block = weights.AsSpan(i, 32);
                float step = Math.Abs(TensorPrimitives.MaxMagnitude(block)) / 127;
                foreach (ref float weight in block)
                {
                    weight += (random.NextSingle() - 0.5f) * step;
                }
            }

            writer.Write(MemoryMarshal.AsBytes(weights.AsSpan()));
            writer.EndTensor();
        }

        writer.Complete();
    }

    private static int SameCount(string[] answers, string[] others) => answers.Zip(others).Count(pair => pair.First == pair.Second);

    // Trains an adapter, and returns the data from which it did not learn.
    private static TrainingDataset Train(string model, string dataPath, string adapter, int epochCount, double learningRate)
    {
        using LlamaTrainer trainer = LlamaTrainer.Open(
            model, new TrainingOptions { Lora = new LoraOptions { Rank = 16, Alpha = 32 }, EpochCount = epochCount, LearningRate = learningRate });
        (TrainingDataset training, TrainingDataset kept) = TrainingDataset.Load(dataPath, trainer.Tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Detect(ModelFileInformation.Read(model)) })
            .Split(validationFraction: 0.2, seed: 1);
        trainer.Train(training);
        trainer.SaveAdapter(adapter);
        return kept;
    }

    // The mean loss of the answers' tokens, and what the model answers, given the conversation as it stands in the data before the answer.
    private static async Task<(double Loss, string[] Answers)> MeasureAsync(string modelPath, string? adapterPath, TrainingDataset data)
    {
        using LlamaModel model = LlamaModel.Load(modelPath);
        using LlamaAdapter? adapter = adapterPath is null ? null : model.LoadAdapter(adapterPath);
        LlamaAdapterUse[] adapters = adapter is null ? [] : [new LlamaAdapterUse(adapter)];
        double loss = 0;
        int count = 0;
        var answers = new List<string>();
        foreach (TrainingSample sample in data.Samples)
        {
            float[] scores = await model.ComputeLogProbabilitiesAsync(sample.Tokens, options: new ComputationOptions { Adapters = adapters }).ConfigureAwait(false);
            for (int i = 1; i < sample.Tokens.Length; i++)
            {
                if (sample.LossMask.Span[i])
                {
                    loss -= scores[i - 1];
                    count++;
                    if (!sample.LossMask.Span[i - 1])
                    {
                        answers.Add(await AnswerAsync(model, sample.Tokens[..i], adapters).ConfigureAwait(false));
                    }
                }
            }
        }

        return (loss / count, [.. answers]);
    }

    private static async Task<string> AnswerAsync(LlamaModel model, ReadOnlyMemory<int> prompt, LlamaAdapterUse[] adapters)
    {
        var answer = new StringBuilder();
        await foreach (GenerationUpdate update in model.GenerateAsync(prompt, new GenerationOptions { Temperature = 0, MaxTokens = 200, Adapters = adapters }).ConfigureAwait(false))
        {
            answer.Append(update.Text);
        }

        return answer.ToString();
    }
}
