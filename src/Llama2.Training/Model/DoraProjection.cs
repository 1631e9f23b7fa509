using Llama2.Tensors;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// A linear layer with a weight-decomposed adapter (DoRA, Liu et al. 2024, arXiv 2402.09353): <c>y = m / ‖W + scale · B · A‖ · (W + scale · B · A) · x</c>,
/// where the norm is taken of each row, and the magnitude m of each row is trained. The norm counts as a constant for the gradients (§4.3), as in PEFT. Also as
/// in PEFT, what the adapter adds to <c>W · x</c> is computed from the input after dropout.
/// </summary>
internal sealed class DoraProjection : Projection
{
    /// <summary>The suffix of the layer's tensor's name in the name of the magnitudes.</summary>
    public const string Suffix = ".lora_magnitude";

    private readonly Projection _frozen;
    private readonly LoraProjection _adapted;
    private readonly WeightMatrix _weights;
    private readonly LoraWorkspace _workspace;
    private readonly Matrix _directions;
    private readonly float _scale, _dropout;
    private readonly ulong _seed;
    private int _passNumber = -1;

    // The factors by which (W + scale · B · A) · x is multiplied, and the reciprocals of the norms.
    private readonly Matrix _factors, _reciprocals;

    /// <param name="frozen">The layer; it is disposed with this object.</param>
    /// <param name="weights">The weights W of the layer.</param>
    /// <param name="name">The name of the layer's tensor.</param>
    /// <param name="shape">Rank and scale.</param>
    /// <param name="options">Dropout, and the ratio of the learning rates.</param>
    /// <param name="seed">The seed of A's initial values, and of this layer's dropout.</param>
    /// <param name="directions">Receives (W + scale · B · A) · x, which the backward pass needs; it is not disposed with this object.</param>
    /// <param name="workspace">The memory that all adapters share.</param>
    public DoraProjection(Projection frozen, WeightMatrix weights, string name, LoraShape shape, LoraOptions options, ulong seed, Matrix directions, LoraWorkspace workspace)
    {
        _frozen = frozen;
        // Dropout is applied here, because the product with W needs the same input.
        _adapted = new LoraProjection(frozen, name, shape, options with { Dropout = 0 }, seed, workspace);
        _weights = weights;
        _scale = shape.Scale;
        _dropout = options.Dropout;
        _seed = seed;
        _directions = directions;
        _workspace = workspace;
        // As in PEFT, the magnitudes have the learning rate of B. Weight decay does not apply, because it would shrink the model's own weights.
        Magnitude = new(name + Suffix, 1, frozen.OutputLength) { LearningRateFactor = options.LoraPlusRatio };
        (_factors, _reciprocals) = (new(1, frozen.OutputLength), new(1, frozen.OutputLength));
    }

    /// <summary>The low-rank adapter.</summary>
    public LoraProjection Directions => _adapted;

    /// <summary>[1, output]: the norms that the rows of the adapted weights have.</summary>
    public Parameter Magnitude { get; }

    public override int InputLength => _adapted.InputLength;

    public override int OutputLength => _adapted.OutputLength;

    public override IEnumerable<Parameter> Parameters => [.. _adapted.Parameters, Magnitude];

    /// <summary>Makes the magnitudes the norms of the rows of W + scale · B · A, so that they change nothing.</summary>
    public void InitializeMagnitudes(MatrixMultiplier multiplier)
    {
        AdaptedRowNorms norms = ComputeNorms(multiplier);
        for (int row = 0; row < OutputLength; row++)
        {
            Magnitude.Values[0][row] = (float)norms[row, _scale];
        }
    }

    public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
    {
        if (!pass.UsesAdapters)
        {
            _adapted.Forward(pass, input, output, tokenCount, accumulate);
            return;
        }

        ComputeFactors(pass);
        Matrix dropped = DropOut(pass, input, tokenCount);
        _adapted.Forward(pass, dropped, _directions, tokenCount);
        if (DropsOut(pass))
        {
            // W · x − W · dropout(x) and the product with the adapted weights. Without dropout, only the product with the adapted weights remains.
            DifferenceOperation.Run(pass.Pool, input, dropped, tokenCount);
            _frozen.Forward(pass, dropped, output, tokenCount, accumulate);
        }

        MagnitudeOperation.Run(pass.Pool, _directions, _factors, output, tokenCount, accumulate || DropsOut(pass));
    }

    public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
    {
        MagnitudeOperation.AddGradient(pass.Pool, outputGradient, _directions, _reciprocals, Magnitude.Gradient, tokenCount);
        Matrix directionGradient = _workspace.OutputOf(OutputLength);
        MagnitudeOperation.Run(pass.Pool, outputGradient, _factors, directionGradient, tokenCount);
        Matrix dropped = DropOut(pass, input, tokenCount);
        if (inputGradient is null || !DropsOut(pass))
        {
            _adapted.Backward(pass, dropped, directionGradient, inputGradient, tokenCount, accumulate);
            return;
        }

        Matrix droppedGradient = _workspace.InputGradientOf(InputLength);
        _frozen.Backward(pass, input, outputGradient, droppedGradient, tokenCount);
        DifferenceOperation.AddAndNegate(pass.Pool, droppedGradient, inputGradient, tokenCount, accumulate);
        _adapted.Backward(pass, dropped, directionGradient, droppedGradient, tokenCount, accumulate: true);
        DropoutOperation.Backward(pass.Pool, droppedGradient, _dropout, LoraProjection.MaskSeed(pass, _seed), inputGradient, tokenCount);
    }

    public override void Dispose()
    {
        _adapted.Dispose();
        _factors.Dispose();
        _reciprocals.Dispose();
    }

    private bool DropsOut(TrainingPass pass) => pass.IsTraining && _dropout > 0;

    private Matrix DropOut(TrainingPass pass, Matrix input, int tokenCount)
    {
        if (!DropsOut(pass))
        {
            return input;
        }

        Matrix dropped = _workspace.InputOf(InputLength);
        DropoutOperation.Forward(pass.Pool, input, _dropout, LoraProjection.MaskSeed(pass, _seed), dropped, tokenCount);
        return dropped;
    }

    // A block that is computed again for its backward pass keeps the norms of the pass.
    private void ComputeFactors(TrainingPass pass)
    {
        if (_passNumber == pass.Number)
        {
            return;
        }

        _passNumber = pass.Number;
        AdaptedRowNorms norms = ComputeNorms(pass.Multiplier);
        for (int row = 0; row < OutputLength; row++)
        {
            double norm = norms[row, _scale];
            // A row of zeros stays zero, whatever its magnitude is.
            _reciprocals[0][row] = norm > 0 ? (float)(1 / norm) : 0;
            _factors[0][row] = norm > 0 ? (float)(Magnitude.Values[0][row] / norm) : 0;
        }
    }

    private AdaptedRowNorms ComputeNorms(MatrixMultiplier multiplier)
    {
        AdaptedRowNorms norms = _workspace.NormsOf(OutputLength);
        norms.Compute(multiplier.Pool, _weights, _adapted.A.Values.Activations, _adapted.B.Values.Activations, _adapted.A.Values.RowCount);
        return norms;
    }
}
