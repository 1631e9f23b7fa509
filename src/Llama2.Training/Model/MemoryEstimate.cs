using Llama2.Architectures;
using Llama2.Formats;
using Llama2.Training.Optimizers;
using Llama2.Training.Quantization;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Computes in advance how much memory training will allocate.</summary>
internal static class MemoryEstimate
{
    // With three quarters, the estimate may be too small by a quarter, and other programs may take a quarter of the machine's memory.
    private const double KeptFraction = 0.75;

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
    /// <param name="options">How the model is trained; it is decided whether activations are kept.</param>
    /// <param name="adapters">The adapters with which training begins; null for a new one without others below it.</param>
    public static TrainingMemory Of(ModelConfiguration shape, long frozenByteSize, bool isOutputTied, TrainingOptions options, AdapterInputs? adapters = null)
    {
        int tokens = options.BatchTokenCount, threads = options.ThreadCount ?? LlamaHardware.PhysicalCoreCount;
        bool recomputes = options.RecomputeActivations!.Value;
        long parameters = 0, adapterTokens = 0, directions = 0;
        ModelDimensions dimensions = shape.Dimensions;
        LoraLayout? layout = adapters?.Layout ?? (options.Lora is { } lora ? LoraLayout.Of(lora, shape) : null);
        foreach ((TensorRole role, int layer) in shape.Family.Tensors.Enumerate(shape.LayerCount))
        {
            (long rows, long columns) = (dimensions[role.Rows], dimensions[role.Columns]);
            if (layout is null)
            {
                bool isTrained = role != LlamaTensors.RopeFrequencyFactors && !(role == LlamaTensors.Output && isOutputTied);
                parameters += isTrained ? Matrix.ByteSizeFor(rows, columns) : 0;
            }
            else if (layout.Shapes.TryGetValue(role.Name(layer), out LoraShape adapted))
            {
                parameters += Matrix.ByteSizeFor(adapted.Rank, columns) + Matrix.ByteSizeFor(rows, adapted.Rank);
                adapterTokens += Matrix.ByteSizeFor(tokens, adapted.Rank);
                if (layout.HasMagnitudes)
                {
                    parameters += Matrix.ByteSizeFor(1, rows);
                    directions += recomputes && layer > 0 && role != LlamaTensors.Down ? 0 : Matrix.ByteSizeFor(tokens, rows);
                }
            }
            else if (options.Lora!.Saves(role))
            {
                parameters += Matrix.ByteSizeFor(rows, columns);
            }
        }

        // A product has one row for each token. The gradient of a matrix that is trained as a whole is also a product, with as many rows as the matrix.
        long productRows = Math.Max(tokens, options.Lora switch
        {
            null => Math.Max(shape.VocabularySize, shape.FeedForwardLength),
            { SavedModules: var saved } when saved.HasFlag(SavedModules.Output) => shape.VocabularySize,
            _ => 0,
        });
        long activations = TrainingModel.ByteSizeFor(shape, tokens, threads, recomputes) + adapterTokens
            + MatrixMultiplier.ByteSizeFor(threads, productRows)
            + directions + (layout?.HasMagnitudes == true ? WidthsOf(shape).Sum(width => Matrix.ByteSizeFor(tokens, width)) : 0)
            + (options.Lora is { Dropout: > 0 } ? (layout?.HasMagnitudes == true ? 2 : 1) * (Matrix.ByteSizeFor(tokens, shape.EmbeddingLength) + Matrix.ByteSizeFor(tokens, shape.FeedForwardLength)) : 0);
        if (options.QuantizeActivations)
        {
            // The inputs of all quantized layers are kept as 8-bit values with scales and sums: less than two bytes per number.
            activations += 2L * tokens * (3L * shape.EmbeddingLength + shape.FeedForwardLength) * (recomputes ? 1 : shape.LayerCount);
        }

        return new TrainingMemory(frozenByteSize + (adapters?.Frozen.ByteSize ?? 0), (2 + (options.HoldsBest ? 1 : 0) + (options.KeepsReference ? 1 : 0)) * parameters, AdamW.ByteSizeFor(parameters / sizeof(float), options.QuantizeMoments), activations)
        {
            KeepsActivations = !recomputes,
        };
    }

    /// <summary>The size of a file's weights in memory, in bytes. An embedding table that is also the output matrix counts twice.</summary>
    public static long FrozenByteSize(IModelFile file, ModelConfiguration shape, BaseQuantization quantization)
        => file.Tensors.Sum(tensor => quantization == BaseQuantization.Nf4 && shape.Family.Tensors.IsLayerMatrix(tensor.Name) ? NormalFloatMatrix.ByteSizeFor(tensor.RowCount, tensor.RowLength) : tensor.ByteSize)
            + (!IsOutputTied(file) || !file.TryGetTensor(LlamaTensors.TokenEmbedding.Name(), out TensorDescription? table) ? 0 : table.ByteSize);

    // The widths of the outputs of the adapted matrices.
    private static IEnumerable<int> WidthsOf(ModelConfiguration shape) => ((int[])[shape.EmbeddingLength, shape.KeyValueLength, shape.FeedForwardLength]).Distinct();

    /// <summary>Whether a file has no output matrix of its own.</summary>
    public static bool IsOutputTied(IModelFile file) => !file.TryGetTensor(LlamaTensors.Output.Name(), out _);
}
