using Llama2.Tensors;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>A linear layer whose weights are not trained. The weights may have any format in which a model file may store them.</summary>
/// <param name="weights">[output, input]; the matrix is not disposed with this object.</param>
/// <param name="quantizesActivations">
/// Whether quantized weights are multiplied as in generation, with activations rounded to 8 bits. The layer then computes the same results as when
/// text is generated, and the backward pass ignores the rounding.
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
