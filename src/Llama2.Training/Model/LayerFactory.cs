using Llama2.Kernels;
using Llama2.Model;
using Llama2.Sampling;
using Llama2.Tensors;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Makes the layers of a model: adapted ones over frozen weights, or trained ones.</summary>
internal static class LayerFactory
{
    /// <summary>Frozen weights with adapters.</summary>
    /// <param name="shape">The model's shape.</param>
    /// <param name="weights">Of any format; the layers take them over.</param>
    /// <param name="options">The adapters.</param>
    /// <param name="seed">Of the adapters' first values.</param>
    /// <param name="tokenCapacity">Most tokens of a batch.</param>
    /// <param name="quantizesActivations">See <see cref="FrozenProjection"/>.</param>
    public static ModelLayers CreateAdapted(
        ModelConfiguration shape, LlamaWeights weights, LoraOptions options, ulong seed, int tokenCapacity, bool quantizesActivations)
    {
        var random = new RandomSource(seed);
        var workspace = new LoraWorkspace(tokenCapacity, options.Rank);
        var blocks = new TransformerBlock[shape.LayerCount];
        for (int layer = 0; layer < blocks.Length; layer++)
        {
            LlamaLayer source = weights.Layers[layer];
            blocks[layer] = new TransformerBlock
            {
                AttentionNorm = Freeze(source.AttentionNorm, shape, tokenCapacity),
                Query = Adapt(source.Query, LoraTargets.Query, TensorNames.Query(layer)),
                Key = Adapt(source.Key, LoraTargets.Key, TensorNames.Key(layer)),
                Value = Adapt(source.Value, LoraTargets.Value, TensorNames.Value(layer)),
                AttentionOutput = Adapt(source.AttentionOutput, LoraTargets.AttentionOutput, TensorNames.AttentionOutput(layer)),
                FeedForwardNorm = Freeze(source.FeedForwardNorm, shape, tokenCapacity),
                Gate = Adapt(source.Gate, LoraTargets.Gate, TensorNames.Gate(layer)),
                Up = Adapt(source.Up, LoraTargets.Up, TensorNames.Up(layer)),
                Down = Adapt(source.Down, LoraTargets.Down, TensorNames.Down(layer)),
            };
        }

        return new ModelLayers
        {
            Shape = shape,
            Embedding = new EmbeddingLayer(weights.TokenEmbedding),
            Blocks = blocks,
            Head = new OutputHead(Freeze(weights.OutputNorm, shape, tokenCapacity), new FrozenProjection(weights.Output, quantizesActivations), tokenCapacity),
            Rotary = RotaryOf(shape, weights.RopeFrequencyFactors),
            Owned = [weights, workspace],
        };

        Projection Adapt(WeightMatrix matrix, LoraTargets target, string name)
        {
            var frozen = new FrozenProjection(matrix, quantizesActivations);
            ulong layerSeed = random.NextUInt64();
            return options.Targets.HasFlag(target) ? new LoraProjection(frozen, name, options, layerSeed, workspace) : frozen;
        }
    }

    /// <summary>Layers whose weights are all trained.</summary>
    /// <param name="shape">The model's shape.</param>
    /// <param name="source">The first values of each weight.</param>
    /// <param name="isOutputTied">Whether the output matrix is the table of embeddings.</param>
    /// <param name="ropeFrequencyFactors">As in <see cref="LlamaWeights"/>.</param>
    /// <param name="tokenCapacity">Most tokens of a batch.</param>
    public static ModelLayers CreateTrained(
        ModelConfiguration shape, IParameterSource source, bool isOutputTied, float[]? ropeFrequencyFactors, int tokenCapacity)
    {
        int width = shape.EmbeddingLength, keyValue = shape.KeyValueLength, hidden = shape.FeedForwardLength;
        Parameter embedding = Make(TensorNames.TokenEmbedding, shape.VocabularySize, width);
        var blocks = new TransformerBlock[shape.LayerCount];
        for (int layer = 0; layer < blocks.Length; layer++)
        {
            blocks[layer] = new TransformerBlock
            {
                AttentionNorm = TrainNorm(TensorNames.AttentionNorm(layer)),
                Query = Train(TensorNames.Query(layer), width, width),
                Key = Train(TensorNames.Key(layer), keyValue, width),
                Value = Train(TensorNames.Value(layer), keyValue, width),
                AttentionOutput = Train(TensorNames.AttentionOutput(layer), width, width),
                FeedForwardNorm = TrainNorm(TensorNames.FeedForwardNorm(layer)),
                Gate = Train(TensorNames.Gate(layer), hidden, width),
                Up = Train(TensorNames.Up(layer), hidden, width),
                Down = Train(TensorNames.Down(layer), width, hidden),
            };
        }

        Norm outputNorm = TrainNorm(TensorNames.OutputNorm);
        Projection output = isOutputTied ? new TrainedProjection(embedding) : Train(TensorNames.Output, shape.VocabularySize, width);
        return new ModelLayers
        {
            Shape = shape,
            Embedding = new EmbeddingLayer(embedding),
            Blocks = blocks,
            Head = new OutputHead(outputNorm, output, tokenCapacity),
            Rotary = RotaryOf(shape, ropeFrequencyFactors),
            Owned = [],
        };

        Parameter Make(string name, int rowCount, int columnCount)
        {
            var parameter = new Parameter(name, rowCount, columnCount);
            source.Fill(parameter);
            return parameter;
        }

        Projection Train(string name, int rowCount, int columnCount) => new TrainedProjection(Make(name, rowCount, columnCount));

        Norm TrainNorm(string name)
        {
            Parameter parameter = Make(name, 1, width);
            return new Norm(parameter.Values, parameter, shape.RmsNormEpsilon, tokenCapacity);
        }
    }

    private static Norm Freeze(float[] weight, ModelConfiguration shape, int tokenCapacity)
    {
        var matrix = new Matrix(1, weight.Length);
        weight.CopyTo(matrix[0]);
        return new Norm(matrix, parameter: null, shape.RmsNormEpsilon, tokenCapacity);
    }

    private static RotaryEmbedding RotaryOf(ModelConfiguration shape, float[]? factors)
        => new(new RopeFrequencies(shape.HeadLength, shape.RopeTheta, shape.RopeScaling, shape.ContextLength, factors));
}
