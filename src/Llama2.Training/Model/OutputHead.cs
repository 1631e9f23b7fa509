using System.Numerics.Tensors;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// The final norm, the output matrix and the loss. Logits are computed for a few hundred tokens at a time, and only for tokens that count in the
/// loss, because the logits of one token take more memory than all its activations in a layer.
/// </summary>
internal sealed class OutputHead : IDisposable
{
    // The number of tokens whose logits are computed at a time. It is large enough that packing the output matrix again for each chunk takes only a
    // small part of the time, and small enough that the logits for a vocabulary of 32,000 tokens take 64 MB.
    public const int ChunkLength = 512;
    private readonly Norm _norm;
    private readonly Projection _projection;
    private readonly int _chunkLength;
    private readonly Matrix _normalized, _normalizedGradient, _chunk, _chunkGradient, _logits;
    private readonly int[] _targets;
    private readonly float[] _weights, _logProbabilities;
    private readonly bool[] _areMostProbable;

    public OutputHead(Norm norm, Projection projection, int tokenCapacity)
    {
        _norm = norm;
        _projection = projection;
        _chunkLength = Math.Min(ChunkLength, tokenCapacity);
        (_normalized, _normalizedGradient) = (new(tokenCapacity, projection.InputLength), new(tokenCapacity, projection.InputLength));
        (_chunk, _chunkGradient) = (new(_chunkLength, projection.InputLength), new(_chunkLength, projection.InputLength));
        _logits = new(_chunkLength, projection.OutputLength);
        _targets = new int[_chunkLength];
        _areMostProbable = new bool[_chunkLength];
        (_weights, _logProbabilities) = (new float[_chunkLength], new float[_chunkLength]);
    }

    /// <summary>The trained parameters.</summary>
    public IEnumerable<Parameter> Parameters => _norm.Parameter is { } norm ? [norm, .. _projection.Parameters] : _projection.Parameters;

    /// <summary>The size of the head's memory in bytes.</summary>
    public static long ByteSizeFor(ModelConfiguration shape, int tokenCapacity)
        => 2 * Matrix.ByteSizeFor(tokenCapacity, shape.EmbeddingLength)
            + 2 * Matrix.ByteSizeFor(Math.Min(ChunkLength, tokenCapacity), shape.EmbeddingLength)
            + Matrix.ByteSizeFor(Math.Min(ChunkLength, tokenCapacity), shape.VocabularySize);

    /// <summary>Computes <see cref="TokenBatch.LogProbabilities"/>.</summary>
    public void Forward(TrainingPass pass, TokenBatch batch, Matrix hidden) => Run(pass, batch, hidden, hiddenGradient: null);

    /// <summary>Does the same as <see cref="Forward"/>, and also computes the gradient of <c>−Σ weight · log-probability</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="batch">The targets and their weights.</param>
    /// <param name="hidden">[tokens, embedding]: the output of the last block.</param>
    /// <param name="hiddenGradient">Receives the gradient of <paramref name="hidden"/>.</param>
    public void ForwardBackward(TrainingPass pass, TokenBatch batch, Matrix hidden, Matrix hiddenGradient) => Run(pass, batch, hidden, hiddenGradient);

    /// <summary>Computes the most probable next token of each target row.</summary>
    public void Predict(TrainingPass pass, TokenBatch batch, Matrix hidden, Span<int> tokens)
    {
        _norm.Forward(pass, hidden, _normalized, batch.Count);
        for (int start = 0; start < batch.TargetCount; start += _chunkLength)
        {
            int count = ComputeLogits(pass, batch, start);
            for (int row = 0; row < count; row++)
            {
                tokens[start + row] = TensorPrimitives.IndexOfMax<float>(_logits[row]);
            }
        }
    }

    public void Dispose()
    {
        _norm.Dispose();
        _projection.Dispose();
        foreach (Matrix matrix in (Matrix[])[_normalized, _normalizedGradient, _chunk, _chunkGradient, _logits])
        {
            matrix.Dispose();
        }
    }

    private void Run(TrainingPass pass, TokenBatch batch, Matrix hidden, Matrix? hiddenGradient)
    {
        _norm.Forward(pass, hidden, _normalized, batch.Count);
        if (hiddenGradient is not null)
        {
            _normalizedGradient.Clear(batch.Count);
            hiddenGradient.Clear(batch.Count);
        }

        for (int start = 0; start < batch.TargetCount; start += _chunkLength)
        {
            int count = ComputeLogits(pass, batch, start);
            batch.Targets.AsSpan(start, count).CopyTo(_targets);
            if (hiddenGradient is null)
            {
                CrossEntropy.Forward(pass.Pool, _logits, _targets, _logProbabilities, _areMostProbable, count);
                _areMostProbable.AsSpan(0, count).CopyTo(batch.AreMostProbable.AsSpan(start));
            }
            else
            {
                batch.Weights.AsSpan(start, count).CopyTo(_weights);
                CrossEntropy.ForwardBackward(pass.Pool, _logits, _targets, _weights, _logProbabilities, count);
                _projection.Backward(pass, _chunk, _logits, _chunkGradient, count);
                CopyOperation.Scatter(pass.Pool, _chunkGradient, batch.TargetRows, start, _normalizedGradient, count);
            }

            _logProbabilities.AsSpan(0, count).CopyTo(batch.LogProbabilities.AsSpan(start));
        }

        if (hiddenGradient is not null)
        {
            _norm.Backward(pass, hidden, _normalizedGradient, hiddenGradient, batch.Count);
        }
    }

    // Computes the logits of a chunk of target rows, and returns their number.
    private int ComputeLogits(TrainingPass pass, TokenBatch batch, int start)
    {
        int count = Math.Min(_chunkLength, batch.TargetCount - start);
        CopyOperation.Gather(pass.Pool, _normalized, batch.TargetRows, start, _chunk, count);
        _projection.Forward(pass, _chunk, _logits, count);
        return count;
    }
}
