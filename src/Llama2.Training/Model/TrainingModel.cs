using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// A model that computes gradients. The backward pass ends at the first layer with trained weights. With activation checkpointing (Chen et al. 2016,
/// arXiv 1604.06174), only each block's input is kept, and the block's activations are computed again for the backward pass. Only one pass may run at
/// a time.
/// </summary>
internal sealed class TrainingModel : IDisposable
{
    private readonly ModelLayers _layers;
    private readonly BlockOperations _operations;
    private readonly Matrix[] _residuals;
    private readonly BlockActivations[] _activations;
    private readonly Matrix _residualGradient;
    private readonly int _firstTrainedBlock;
    private readonly bool _hasCheckpoints;

    /// <param name="layers">The layers; they are disposed with the model.</param>
    /// <param name="multiplier">The kernels and threads; they are not disposed with the model.</param>
    /// <param name="tokenCapacity">The maximum number of tokens of a batch.</param>
    /// <param name="hasCheckpoints">Whether activations are computed again instead of being kept.</param>
    /// <param name="neftuneAlpha">The strength of the noise on the embeddings; see <see cref="TrainingOptions.NeftuneAlpha"/>.</param>
    public TrainingModel(ModelLayers layers, MatrixMultiplier multiplier, int tokenCapacity, bool hasCheckpoints, double neftuneAlpha = 0)
    {
        _layers = layers;
        _hasCheckpoints = hasCheckpoints;
        ModelConfiguration shape = layers.Shape;
        Pass = new(multiplier) { NeftuneAlpha = neftuneAlpha };
        Parameters = layers.Parameters;
        _operations = new(
            new RotaryOperation(layers.Rotary, tokenCapacity),
            new CausalAttention(multiplier, shape.HeadCount, shape.KeyValueHeadCount, shape.HeadLength, tokenCapacity),
            new BlockGradients(shape, tokenCapacity));
        _residuals = MakeAll(shape.LayerCount + 1, () => new Matrix(tokenCapacity, shape.EmbeddingLength));
        _activations = MakeAll(hasCheckpoints ? 1 : shape.LayerCount, () => new BlockActivations(shape, tokenCapacity));
        _residualGradient = new(tokenCapacity, shape.EmbeddingLength);
        _firstTrainedBlock = layers.Embedding.Parameter is not null ? 0 : FindFirstTrainedBlock(layers);
    }

    /// <summary>The trained parameters.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The settings and buffers of passes.</summary>
    public TrainingPass Pass { get; }

    /// <summary>The size of the activations and their gradients in bytes, without the memory that layers allocate themselves.</summary>
    public static long ByteSizeFor(ModelConfiguration shape, int tokenCapacity, int threadCount, bool hasCheckpoints)
        => (shape.LayerCount + 2) * Matrix.ByteSizeFor(tokenCapacity, shape.EmbeddingLength)
            + (hasCheckpoints ? 1 : shape.LayerCount) * BlockActivations.ByteSizeFor(shape, tokenCapacity)
            + BlockGradients.ByteSizeFor(shape, tokenCapacity)
            + OutputHead.ByteSizeFor(shape, tokenCapacity)
            + RotaryOperation.ByteSizeFor(shape.HeadLength, tokenCapacity)
            + threadCount * AttentionHead.ByteSizeFor(shape.HeadLength, tokenCapacity);

    /// <summary>Computes the batch up to the last block's output.</summary>
    public void Forward(TokenBatch batch)
    {
        Pass.Number++;
        _operations.Rotary.Prepare(Pass.Pool, batch.Positions, batch.Count);
        _layers.Embedding.Forward(Pass, batch, _residuals[0]);
        if (Pass.AddsNoise)
        {
            EmbeddingNoise.Add(Pass.Pool, batch.Segments, batch.SegmentCount, Pass.NeftuneAlpha, Pass.Seed, _residuals[0], batch.Count);
        }

        for (int block = 0; block < _layers.Blocks.Count; block++)
        {
            _layers.Blocks[block].Forward(Pass, _operations, batch, _residuals[block], ActivationsOf(block), _residuals[block + 1]);
        }
    }

    /// <summary>Computes <see cref="TokenBatch.LogProbabilities"/> after <see cref="Forward"/>.</summary>
    public void ComputeLogProbabilities(TokenBatch batch) => _layers.Head.Forward(Pass, batch, _residuals[^1]);

    /// <summary>Computes the most probable next token of each target row after <see cref="Forward"/>.</summary>
    public void PredictNext(TokenBatch batch, Span<int> tokens) => _layers.Head.Predict(Pass, batch, _residuals[^1], tokens);

    /// <summary>
    /// Computes the batch, and <see cref="TokenBatch.LogProbabilities"/>, with the model before training: without adapters, or with the original weights
    /// of all parameters, which must have been kept (<see cref="Parameter.KeepOriginal"/>). No backward pass may follow.
    /// </summary>
    public void ComputeReference(TokenBatch batch)
    {
        Pass.UsesAdapters = false;
        ExchangeOriginals();
        Forward(batch);
        ComputeLogProbabilities(batch);
        ExchangeOriginals();
        Pass.UsesAdapters = true;
    }

    /// <summary>
    /// Computes <see cref="TokenBatch.LogProbabilities"/> after <see cref="Forward"/>, and adds the gradient of <c>−Σ weight · log-probability</c> to
    /// the gradients of all parameters.
    /// </summary>
    public void Backward(TokenBatch batch)
    {
        _layers.Head.ForwardBackward(Pass, batch, _residuals[^1], _residualGradient);
        for (int block = _layers.Blocks.Count - 1; block >= _firstTrainedBlock; block--)
        {
            if (_hasCheckpoints && block < _layers.Blocks.Count - 1)
            {
                _layers.Blocks[block].Forward(Pass, _operations, batch, _residuals[block], ActivationsOf(block), output: null);
            }

            bool isInputTrained = block > _firstTrainedBlock || _layers.Embedding.Parameter is not null;
            _layers.Blocks[block].Backward(Pass, _operations, batch, _residuals[block], ActivationsOf(block), _residualGradient, isInputTrained);
        }

        _layers.Embedding.Backward(Pass, batch, _residualGradient);
    }

    public void Dispose()
    {
        _layers.Dispose();
        _operations.Dispose();
        Array.ForEach(_residuals, residual => residual.Dispose());
        Array.ForEach(_activations, activations => activations.Dispose());
        _residualGradient.Dispose();
    }

    private void ExchangeOriginals()
    {
        foreach (Parameter parameter in Parameters)
        {
            parameter.ExchangeOriginal();
        }
    }

    private BlockActivations ActivationsOf(int block) => _activations[_hasCheckpoints ? 0 : block];

    private static int FindFirstTrainedBlock(ModelLayers layers)
    {
        int first = 0;
        while (first < layers.Blocks.Count && !layers.Blocks[first].Parameters.Any())
        {
            first++;
        }

        return first;
    }

    private static T[] MakeAll<T>(int count, Func<T> make)
    {
        var made = new T[count];
        for (int i = 0; i < count; i++)
        {
            made[i] = make();
        }

        return made;
    }
}
