using Llama2.Architectures;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>The forward and backward pass of one transformer block.</summary>
internal sealed class TransformerBlock : IDisposable
{
    private readonly LayerParts<Norm, Projection> _parts;

    /// <param name="tensors">The architecture's tensors.</param>
    /// <param name="makeNorm">Creates a norm, which the block then owns.</param>
    /// <param name="makeProjection">Creates a linear layer, which the block then owns.</param>
    public TransformerBlock(TensorRoles tensors, Func<TensorRole, Norm> makeNorm, Func<TensorRole, Projection> makeProjection)
    {
        _parts = new LayerParts<Norm, Projection>(tensors, makeNorm, makeProjection);
        AttentionNorm = _parts.Vectors[LlamaTensors.AttentionNorm];
        Query = _parts.Matrices[LlamaTensors.Query];
        Key = _parts.Matrices[LlamaTensors.Key];
        Value = _parts.Matrices[LlamaTensors.Value];
        AttentionOutput = _parts.Matrices[LlamaTensors.AttentionOutput];
        FeedForwardNorm = _parts.Vectors[LlamaTensors.FeedForwardNorm];
        Gate = _parts.Matrices[LlamaTensors.Gate];
        Up = _parts.Matrices[LlamaTensors.Up];
        Down = _parts.Matrices[LlamaTensors.Down];
    }

    public Norm AttentionNorm { get; }

    public Projection Query { get; }

    public Projection Key { get; }

    public Projection Value { get; }

    public Projection AttentionOutput { get; }

    public Norm FeedForwardNorm { get; }

    public Projection Gate { get; }

    public Projection Up { get; }

    public Projection Down { get; }

    /// <summary>The trained parameters.</summary>
    public IEnumerable<Parameter> Parameters
        => _parts.Vectors.Values.Select(norm => norm.Parameter).OfType<Parameter>().Concat(_parts.Matrices.Values.SelectMany(projection => projection.Parameters));

    /// <summary>Computes the block.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="shared">The buffers that blocks share.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="input">[tokens, embedding]: the residual stream.</param>
    /// <param name="activations">Receives the activations that <see cref="Backward"/> needs.</param>
    /// <param name="output">Receives the residual stream after the block; null if it is already known.</param>
    public void Forward(TrainingPass pass, BlockOperations shared, TokenBatch batch, Matrix input, BlockActivations activations, Matrix? output)
    {
        int count = batch.Count;
        AttentionNorm.Forward(pass, input, activations.AttentionInput, count);
        Query.Forward(pass, activations.AttentionInput, activations.Query, count);
        Key.Forward(pass, activations.AttentionInput, activations.Key, count);
        Value.Forward(pass, activations.AttentionInput, activations.Value, count);
        shared.Rotary.Forward(pass.Pool, activations.Query, activations.Key, count);
        shared.Attention.Forward(activations.Query, activations.Key, activations.Value, batch.Segments, batch.SegmentCount, activations.Attended, activations.LogSums);
        CopyOperation.Run(pass.Pool, input, activations.Residual, count);
        AttentionOutput.Forward(pass, activations.Attended, activations.Residual, count, accumulate: true);
        FeedForwardNorm.Forward(pass, activations.Residual, activations.FeedForwardInput, count);
        Gate.Forward(pass, activations.FeedForwardInput, activations.Gate, count);
        Up.Forward(pass, activations.FeedForwardInput, activations.Up, count);
        SwiGluOperation.Forward(pass.Pool, activations.Gate, activations.Up, activations.Hidden, count);
        if (output is not null)
        {
            CopyOperation.Run(pass.Pool, activations.Residual, output, count);
            Down.Forward(pass, activations.Hidden, output, count, accumulate: true);
        }
    }

    /// <summary>Computes the gradients of trained weights, and replaces the gradient of the output by the gradient of the input.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="shared">The buffers that blocks share.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="input">The input of <see cref="Forward"/>.</param>
    /// <param name="activations">The activations that <see cref="Forward"/> wrote.</param>
    /// <param name="residualGradient">[tokens, embedding]: the gradient of the output; receives the gradient of the input.</param>
    /// <param name="isInputTrained">
    /// Whether a layer before this block is trained. If not, the gradient of the input is not needed, and is left incomplete.
    /// </param>
    public void Backward(
        TrainingPass pass, BlockOperations shared, TokenBatch batch, Matrix input, BlockActivations activations, Matrix residualGradient, bool isInputTrained)
    {
        int count = batch.Count;
        BlockGradients gradients = shared.Gradients;
        Down.Backward(pass, activations.Hidden, residualGradient, gradients.Hidden, count);
        SwiGluOperation.Backward(pass.Pool, activations.Gate, activations.Up, gradients.Hidden, gradients.Gate, gradients.Up, count);
        Gate.Backward(pass, activations.FeedForwardInput, gradients.Gate, gradients.Normalized, count);
        Up.Backward(pass, activations.FeedForwardInput, gradients.Up, gradients.Normalized, count, accumulate: true);
        FeedForwardNorm.Backward(pass, activations.Residual, gradients.Normalized, residualGradient, count);
        AttentionOutput.Backward(pass, activations.Attended, residualGradient, gradients.Attended, count);
        shared.Attention.Backward(
            activations.Query, activations.Key, activations.Value, batch.Segments, batch.SegmentCount, activations.Attended, activations.LogSums,
            gradients.Attended, gradients.Query, gradients.Key, gradients.Value);
        shared.Rotary.Backward(pass.Pool, gradients.Query, gradients.Key, count);
        bool reachesNorm = isInputTrained || AttentionNorm.Parameter is not null;
        Matrix? normalized = reachesNorm ? gradients.Normalized : null;
        Query.Backward(pass, activations.AttentionInput, gradients.Query, normalized, count);
        Key.Backward(pass, activations.AttentionInput, gradients.Key, normalized, count, accumulate: true);
        Value.Backward(pass, activations.AttentionInput, gradients.Value, normalized, count, accumulate: true);
        if (reachesNorm)
        {
            AttentionNorm.Backward(pass, input, gradients.Normalized, residualGradient, count);
        }
    }

    public void Dispose()
    {
        foreach (IDisposable part in _parts.Vectors.Values.Concat<IDisposable>(_parts.Matrices.Values))
        {
            part.Dispose();
        }
    }
}
