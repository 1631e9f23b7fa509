using Llama2.Tensors;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>A linear layer whose weights are not trained, in any format of the file.</summary>
/// <param name="weights">[output, input]; not disposed here.</param>
/// <param name="quantizesActivations">
/// Whether to multiply quantized weights as in generation, with activations in 8 bits: the layer then computes the same results as when text is
/// generated, and the backward pass treats the rounding as the identity.
/// </param>
internal sealed class FrozenProjection(WeightMatrix weights, bool quantizesActivations) : Projection
{
    private readonly FrozenMatrix _weights = new(weights);
    private readonly bool _usesIntegers = quantizesActivations && weights.IsQuantized;

    public override int InputLength => _weights.ColumnCount;

    public override int OutputLength => _weights.RowCount;

    public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
    {
        if (_usesIntegers)
        {
            MatrixProduct.Run(pass.Pool, input.Activations, tokenCount, new MatrixProduct(_weights.Weights, output.Activations, accumulate));
        }
        else
        {
            pass.Multiplier.Multiply(input.Rows, tokenCount, _weights.Rows, InputLength, output, accumulate);
        }
    }

    public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
    {
        if (inputGradient is not null)
        {
            pass.Multiplier.Multiply(outputGradient.Rows, tokenCount, _weights.Columns, OutputLength, inputGradient, accumulate);
        }
    }

    public override void Dispose()
    {
    }
}
