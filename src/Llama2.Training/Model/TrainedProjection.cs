using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>A linear layer whose float32 weights are trained.</summary>
/// <param name="weights">[output, input]; they are not disposed with this object, because an output matrix may be the embedding table.</param>
internal sealed class TrainedProjection(Parameter weights) : Projection
{
    public override int InputLength => weights.Values.ColumnCount;

    public override int OutputLength => weights.Values.RowCount;

    public override IEnumerable<Parameter> Parameters => [weights];

    public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
        => pass.Multiplier.Multiply(input.Rows, tokenCount, weights.Values.Rows, InputLength, output, accumulate);

    public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
    {
        pass.Multiplier.Multiply(outputGradient.Columns, OutputLength, input.Columns, tokenCount, weights.Gradient, accumulate: true);
        if (inputGradient is not null)
        {
            pass.Multiplier.Multiply(outputGradient.Rows, tokenCount, weights.Values.Columns, OutputLength, inputGradient, accumulate);
        }
    }

    public override void Dispose()
    {
    }
}
