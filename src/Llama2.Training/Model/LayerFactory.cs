using Llama2.Adapters;
using Llama2.Architectures;
using Llama2.Kernels;
using Llama2.Model;
using Llama2.Sampling;
using Llama2.Tensors;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>Creates the layers of a model: frozen layers with adapters, or layers whose weights are all trained.</summary>
internal static class LayerFactory
{
    /// <summary>Creates layers with frozen weights, adapters, and whole tensors that are trained with them.</summary>
    /// <param name="shape">The model's shape.</param>
    /// <param name="weights">The weights in any format; the layers take ownership.</param>
    /// <param name="options">The settings of the adapter.</param>
    /// <param name="inputs">The layout of the adapter, its initial values, and the frozen adapters below it.</param>
    /// <param name="seed">The seed of the adapter's initial values, if it is new, and of its dropout.</param>
    /// <param name="tokenCapacity">The maximum number of tokens of a batch.</param>
    /// <param name="quantizesActivations">See <see cref="FrozenProjection"/>.</param>
    /// <param name="hasCheckpoints">Whether activations are computed again instead of being kept.</param>
    /// <param name="multiplier">The kernels and threads; they are not disposed with the layers.</param>
    public static ModelLayers CreateAdapted(
        ModelConfiguration shape, LlamaWeights weights, LoraOptions options, AdapterInputs inputs, ulong seed, int tokenCapacity, bool quantizesActivations, bool hasCheckpoints,
        MatrixMultiplier multiplier)
    {
        var random = new RandomSource(seed);
        var workspace = new LoraWorkspace(tokenCapacity);
        var blocks = new TransformerBlock[shape.LayerCount];
        for (int layer = 0; layer < blocks.Length; layer++)
        {
            LlamaLayer source = weights.Layers[layer];
            blocks[layer] = new TransformerBlock(
                shape.Family.Tensors, role => MakeNorm(source.Vectors[role], role, layer), role => Adapt(source.Matrices[role], role, layer));
        }

        Parameter? embeddingRows = RowsOf(LlamaTensors.TokenEmbedding), outputRows = weights.IsOutputTied ? embeddingRows : RowsOf(LlamaTensors.Output);
        Projection output = new FrozenProjection(weights.Output, quantizesActivations);
        output = Copy(LlamaTensors.Output) is { } trained ? new ReplacedProjection(output, trained)
            : outputRows is not null ? new RowsProjection(output, outputRows, Math.Min(tokenCapacity, OutputHead.ChunkLength))
            : output;
        return new ModelLayers
        {
            Shape = shape,
            Embedding = new EmbeddingLayer(weights.TokenEmbedding, Copy(LlamaTensors.TokenEmbedding) ?? embeddingRows, shape.VocabularySize),
            Blocks = blocks,
            Head = new OutputHead(MakeNorm(weights.OutputNorm, LlamaTensors.OutputNorm), output, tokenCapacity),
            Rotary = RotaryOf(shape, weights.RopeFrequencyFactors),
            Owned = [weights, workspace],
        };

        // The trained copy of a whole tensor; null if the tensor is not trained.
        Parameter? Copy(TensorRole role, int layer = 0)
        {
            if (!options.Saves(role))
            {
                return null;
            }

            BaseTensor own = BaseTensor.Find(weights, shape, role.Name(layer))!;
            return Read(own, new Parameter(role.Name(layer), (int)own.RowCount, (int)own.RowLength));
        }

        // Copies of the rows of some tokens; null if there are none.
        Parameter? RowsOf(TensorRole role)
        {
            IReadOnlyList<int> tokens = options.TokensOf(role, weights.IsOutputTied);
            if (tokens.Count == 0)
            {
                return null;
            }

            BaseTensor own = BaseTensor.Find(weights, shape, role.Name())!;
            return Read(own, new Parameter(role.Name() + AdapterKeys.RowsSuffix, tokens.Count, (int)own.RowLength) { IsFactor = true, ReplacedRows = tokens });
        }

        Parameter Read(BaseTensor own, Parameter parameter)
        {
            float[] row = new float[own.RowLength];
            for (int i = 0; i < parameter.Values.RowCount; i++)
            {
                own.ReadRow(parameter.ReplacedRows?[i] ?? i, row);
                row.CopyTo(parameter.Values[i]);
            }

            return parameter;
        }

        Norm MakeNorm(float[] weight, TensorRole role, int layer = 0)
        {
            var frozen = new Matrix(1, weight.Length);
            weight.CopyTo(frozen[0]);
            return new Norm(frozen, Copy(role, layer), shape.RmsNormEpsilon, tokenCapacity);
        }

        Projection Adapt(WeightMatrix matrix, TensorRole role, int layer)
        {
            string name = role.Name(layer);
            Projection projection = new FrozenProjection(matrix, quantizesActivations);
            ulong layerSeed = random.NextUInt64();
            bool isAdapted = inputs.Layout.Shapes.TryGetValue(name, out LoraShape adapted);
            // Each adapter is added to the model, as at run time: even if magnitudes are trained, they multiply only the model's own weights and B · A.
            if (!isAdapted || !inputs.Layout.HasMagnitudes)
            {
                projection = inputs.Frozen.AddTo(projection, name, shape.HeadLength, workspace);
            }

            if (!isAdapted)
            {
                return projection;
            }

            if (inputs.Layout.HasMagnitudes)
            {
                return inputs.Frozen.AddTo(Decompose(projection, matrix, role, layer, adapted, layerSeed), name, shape.HeadLength, workspace);
            }

            var trained = new LoraProjection(projection, name, adapted, options, layerSeed, workspace);
            Fill(trained);
            return trained;
        }

        void Fill(LoraProjection projection)
        {
            inputs.Initial?.Fill(projection.A);
            inputs.Initial?.Fill(projection.B);
        }

        DoraProjection Decompose(Projection frozen, WeightMatrix matrix, TensorRole role, int layer, LoraShape adapted, ulong layerSeed)
        {
            // A block that is computed again shares the memory with other blocks. Its last matrix is not computed again.
            string name = role.Name(layer);
            var projection = new DoraProjection(
                frozen, matrix, name, adapted, options, layerSeed, workspace.DirectionsOf(hasCheckpoints && role != LlamaTensors.Down ? role.Id : name, frozen.OutputLength), workspace);
            Fill(projection.Directions);
            if (inputs.Initial?.HasMagnitudes(name) == true)
            {
                inputs.Initial.Fill(projection.Magnitude);
            }
            else
            {
                projection.InitializeMagnitudes(multiplier);
            }

            return projection;
        }
    }

    /// <summary>Creates layers whose weights are all trained.</summary>
    /// <param name="shape">The model's shape.</param>
    /// <param name="source">The initial values of each weight.</param>
    /// <param name="isOutputTied">Whether the output matrix is the embedding table.</param>
    /// <param name="ropeFrequencyFactors">As in <see cref="LlamaWeights"/>.</param>
    /// <param name="tokenCapacity">The maximum number of tokens of a batch.</param>
    public static ModelLayers CreateTrained(
        ModelConfiguration shape, IParameterSource source, bool isOutputTied, float[]? ropeFrequencyFactors, int tokenCapacity)
    {
        ModelDimensions dimensions = shape.Dimensions;
        Parameter embedding = Make(LlamaTensors.TokenEmbedding);
        var blocks = new TransformerBlock[shape.LayerCount];
        for (int layer = 0; layer < blocks.Length; layer++)
        {
            blocks[layer] = new TransformerBlock(shape.Family.Tensors, role => TrainNorm(role, layer), role => Train(role, layer));
        }

        Norm outputNorm = TrainNorm(LlamaTensors.OutputNorm);
        Projection output = isOutputTied ? new TrainedProjection(embedding) : Train(LlamaTensors.Output);
        return new ModelLayers
        {
            Shape = shape,
            Embedding = new EmbeddingLayer(table: null, embedding, shape.VocabularySize),
            Blocks = blocks,
            Head = new OutputHead(outputNorm, output, tokenCapacity),
            Rotary = RotaryOf(shape, ropeFrequencyFactors),
            Owned = [],
        };

        Parameter Make(TensorRole role, int layer = 0)
        {
            var parameter = new Parameter(role.Name(layer), (int)dimensions[role.Rows], (int)dimensions[role.Columns]);
            source.Fill(parameter);
            return parameter;
        }

        Projection Train(TensorRole role, int layer = 0) => new TrainedProjection(Make(role, layer));

        Norm TrainNorm(TensorRole role, int layer = 0) => new(frozen: null, Make(role, layer), shape.RmsNormEpsilon, tokenCapacity);
    }

    private static RotaryEmbedding RotaryOf(ModelConfiguration shape, float[]? factors)
        => new(new RopeFrequencies(shape.HeadLength, shape.RopeTheta, shape.RopeScaling, shape.ContextLength, factors));
}
