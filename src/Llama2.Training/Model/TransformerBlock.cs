using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>One transformer block, forward and backward.</summary>
internal sealed class TransformerBlock : IDisposable
{
    public required Norm AttentionNorm { get; init; }

    public required Projection Query { get; init; }

    public required Projection Key { get; init; }

    public required Projection Value { get; init; }

    public required Projection AttentionOutput { get; init; }

    public required Norm FeedForwardNorm { get; init; }

    public required Projection Gate { get; init; }

    public required Projection Up { get; init; }

    public required Projection Down { get; init; }

    /// <summary>What is trained.</summary>
    public IEnumerable<Parameter> Parameters
    {
        get
        {
            Parameter?[] norms = [AttentionNorm.Parameter, FeedForwardNorm.Parameter];
            return norms.OfType<Parameter>().Concat(Projections.SelectMany(projection => projection.Parameters));
        }
    }

    private Projection[] Projections => [Query, Key, Value, AttentionOutput, Gate, Up, Down];

    /// <summary>Computes the block.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="shared">What blocks share.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="input">[tokens, embedding]: the residual stream.</param>
    /// <param name="activations">Receives what <see cref="Backward"/> needs.</param>
    /// <param name="output">Receives the residual stream; null if it is known already.</param>
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

    /// <summary>Computes the gradients of what is trained, and turns the output's gradient into the input's.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="shared">What blocks share.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="input">What <see cref="Forward"/> read.</param>
    /// <param name="activations">What <see cref="Forward"/> wrote.</param>
    /// <param name="residualGradient">[tokens, embedding]: the gradient of the output, then of the input.</param>
    /// <param name="isInputTrained">Whether anything before the block is trained; otherwise the input's gradient is left unfinished.</param>
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
        Matrix? normalized = isInputTrained ? gradients.Normalized : null;
        Query.Backward(pass, activations.AttentionInput, gradients.Query, normalized, count);
        Key.Backward(pass, activations.AttentionInput, gradients.Key, normalized, count, accumulate: true);
        Value.Backward(pass, activations.AttentionInput, gradients.Value, normalized, count, accumulate: true);
        if (isInputTrained)
        {
            AttentionNorm.Backward(pass, input, gradients.Normalized, residualGradient, count);
        }
    }

    public void Dispose()
    {
        AttentionNorm.Dispose();
        FeedForwardNorm.Dispose();
        foreach (Projection projection in Projections)
        {
            projection.Dispose();
        }
    }
}
