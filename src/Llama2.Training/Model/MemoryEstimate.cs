using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Kernels;
using Llama2.Training.Optimizers;
using Llama2.Training.Quantization;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Computes in advance how much memory training will allocate.</summary>
internal static class MemoryEstimate
{
    // With three quarters, the estimate may be too small by a quarter, and other programs may take a quarter of the machine's memory.
    private const double KeptFraction = 0.75;
    // The memory of `llama2 train` beyond what it allocates itself: 70 to 80 MiB with .NET 10 on Linux, whatever the model and the options.
    private const long RuntimeByteSize = 76 << 20;

    /// <summary>Decides whether activations are kept, unless the options state it.</summary>
    /// <returns>The options, in which <see cref="TrainingOptions.RecomputeActivations"/> is not null.</returns>
    /// <param name="shape">The model's shape.</param>
    /// <param name="frozenByteSize">The size of the frozen weights in bytes; 0 if all weights are trained.</param>
    /// <param name="isOutputTied">Whether the output matrix is the embedding table.</param>
    /// <param name="options">How the model is trained.</param>
    /// <param name="availableByteSize">The number of bytes that training may take.</param>
    /// <param name="adapters">The adapters with which training begins; null for a new one without others below it.</param>
    public static TrainingOptions Decide(
        ModelConfiguration shape, long frozenByteSize, bool isOutputTied, TrainingOptions options, long availableByteSize, AdapterInputs? adapters = null)
    {
        if (options.RecomputeActivations is not null)
        {
            return options;
        }

        TrainingOptions kept = options with { RecomputeActivations = false };
        return Of(shape, frozenByteSize, isOutputTied, kept, adapters).TotalByteSize <= KeptFraction * availableByteSize ? kept : options with { RecomputeActivations = true };
    }

    /// <param name="shape">The model's shape.</param>
    /// <param name="frozenByteSize">The size of the frozen weights in bytes; 0 if all weights are trained.</param>
    /// <param name="isOutputTied">Whether the output matrix is the embedding table.</param>
    /// <param name="options">How the model is trained, with the decision whether activations are kept.</param>
    /// <param name="adapters">The adapters with which training begins; null for a new one without others below it.</param>
    public static TrainingMemory Of(ModelConfiguration shape, long frozenByteSize, bool isOutputTied, TrainingOptions options, AdapterInputs? adapters = null)
    {
        int tokens = options.BatchTokenCount, threads = options.ThreadCount ?? LlamaHardware.PhysicalCoreCount;
        bool recomputes = options.RecomputeActivations!.Value;
        long parameters = 0, activations = TrainingModel.ByteSizeFor(shape, tokens, threads, recomputes) + TokenBatch.ByteSizeFor(tokens);
        var packed = new PackedSizes(threads);
        HashSet<long> ranks = [.. adapters?.Frozen.Adapters.SelectMany(adapter => adapter.File.Pairs.Select(pair => (long)pair.Rank)) ?? []], droppedLengths = [], outputLengths = [];
        ModelDimensions dimensions = shape.Dimensions;
        LoraLayout? layout = adapters?.Layout ?? (options.Lora is { } lora ? LoraLayout.Of(lora, shape) : null);
        foreach ((TensorRole role, int layer) in shape.Family.Tensors.Enumerate(shape.LayerCount))
        {
            (long rows, long columns) = (dimensions[role.Rows], dimensions[role.Columns]);
            bool isTied = role == LlamaTensors.Output && isOutputTied;
            bool isTrained = role != LlamaTensors.RopeFrequencyFactors && (layout is null || options.Lora!.Saves(role));
            parameters += isTrained && !(isTied && layout is null) ? Matrix.ByteSizeFor(rows, columns) : 0;
            if (role.IsVector)
            {
                // A frozen norm's weights are copied, also where an adapter replaces them, and each norm keeps a number for each token.
                activations += (layout is null && isTrained ? 0 : Matrix.ByteSizeFor(1, columns)) + sizeof(float) * (long)tokens;
            }
            else if (role != LlamaTensors.TokenEmbedding)
            {
                packed.AddLayer(role == LlamaTensors.Output ? Math.Min(tokens, OutputHead.ChunkLength) : tokens, rows, columns, isTrained);
            }

            if (options.Lora?.TokensOf(role, isOutputTied) is { Count: > 0 and var count })
            {
                // The rows of an output matrix that shares the embeddings are those of the embeddings.
                parameters += isTied ? 0 : Matrix.ByteSizeFor(count, columns);
                if (role == LlamaTensors.Output)
                {
                    int chunk = Math.Min(tokens, OutputHead.ChunkLength);
                    activations += Matrix.ByteSizeFor(chunk, count);
                    packed.AddLayer(chunk, count, columns, isTrained: true);
                }
            }

            if (layout?.Shapes.TryGetValue(role.Name(layer), out LoraShape adapted) == true)
            {
                parameters += Matrix.ByteSizeFor(adapted.Rank, columns) + Matrix.ByteSizeFor(rows, adapted.Rank);
                activations += Matrix.ByteSizeFor(tokens, adapted.Rank);
                packed.AddLayer(tokens, adapted.Rank, columns, isTrained: true);
                packed.AddLayer(tokens, rows, adapted.Rank, isTrained: true);
                ranks.Add(adapted.Rank);
                droppedLengths.Add(columns);
                if (layout.HasMagnitudes)
                {
                    parameters += Matrix.ByteSizeFor(1, rows);
                    // The factors of the rows, and the outputs before they are multiplied; layers whose activations are computed again share the outputs.
                    activations += 2 * Matrix.ByteSizeFor(1, rows) + (recomputes && layer > 0 && role != LlamaTensors.Down ? 0 : Matrix.ByteSizeFor(tokens, rows));
                    outputLengths.Add(rows);
                }
            }
        }

        activations += packed.ByteSize + ranks.Concat(outputLengths).Sum(length => Matrix.ByteSizeFor(tokens, length))
            + (options.Lora is { Dropout: > 0 } ? (layout?.HasMagnitudes == true ? 2 : 1) * droppedLengths.Sum(length => Matrix.ByteSizeFor(tokens, length)) : 0);
        if (options.QuantizeActivations)
        {
            // The inputs of all matrices of the layers, and of the output matrix, are also kept in 8 bits; matrices that are not quantized do not need them.
            long layer = 3 * QuantizedActivations.ByteSizeFor(tokens, shape.EmbeddingLength) + QuantizedActivations.ByteSizeFor(tokens, shape.FeedForwardLength);
            activations += layer * (recomputes ? 1 : shape.LayerCount) + QuantizedActivations.ByteSizeFor(Math.Min(tokens, OutputHead.ChunkLength), shape.EmbeddingLength);
        }

        return new TrainingMemory(frozenByteSize + (adapters?.Frozen.ByteSize ?? 0), (2 + (options.HoldsBest ? 1 : 0) + (options.KeepsReference ? 1 : 0)) * parameters, AdamW.ByteSizeFor(parameters / sizeof(float), options.QuantizeMoments), activations)
        {
            KeepsActivations = !recomputes,
            RuntimeByteSize = RuntimeByteSize,
        };
    }

    /// <summary>The size of a file's weights in memory, in bytes. An embedding table that is also the output matrix counts twice.</summary>
    public static long FrozenByteSize(IModelFile file, ModelConfiguration shape, BaseQuantization quantization)
        => file.Tensors.Sum(tensor => quantization == BaseQuantization.Nf4 && shape.Family.Tensors.IsLayerMatrix(tensor.Name) ? NormalFloatMatrix.ByteSizeFor(tensor.RowCount, tensor.RowLength) : tensor.ByteSize)
            + (!IsOutputTied(file) || !file.TryGetTensor(LlamaTensors.TokenEmbedding.Name(), out TensorDescription? table) ? 0 : table.ByteSize);

    /// <summary>Whether a file has no output matrix of its own.</summary>
    public static bool IsOutputTied(IModelFile file) => !file.TryGetTensor(LlamaTensors.Output.Name(), out _);
}
