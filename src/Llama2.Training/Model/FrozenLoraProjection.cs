using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// A linear layer with an adapter that is not trained: <c>y = base(x) + scale · B · A · x</c>. It also belongs to the reference model of preferences.
/// </summary>
/// <param name="projection">The layer that is adapted; it is disposed with this object.</param>
/// <param name="a">[rank, input]; it is disposed with this object.</param>
/// <param name="b">[output, rank]; it is disposed with this object.</param>
/// <param name="scale">The factor by which B · A is multiplied.</param>
/// <param name="workspace">The memory that all adapters share.</param>
internal sealed class FrozenLoraProjection(Projection projection, Matrix a, Matrix b, float scale, LoraWorkspace workspace) : Projection
{
    public override int InputLength => projection.InputLength;

    public override int OutputLength => projection.OutputLength;

    public override IEnumerable<Parameter> Parameters => projection.Parameters;

    public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
    {
        projection.Forward(pass, input, output, tokenCount, accumulate);
        Matrix reduced = workspace.ReducedOf(a.RowCount);
        pass.Multiplier.Multiply(input.Rows, tokenCount, a.Rows, InputLength, reduced);
        ScaleOperation.Run(pass.Pool, reduced, scale, tokenCount);
        pass.Multiplier.Multiply(reduced.Rows, tokenCount, b.Rows, b.ColumnCount, output, accumulate: true);
    }

    public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
    {
        projection.Backward(pass, input, outputGradient, inputGradient, tokenCount, accumulate);
        if (inputGradient is not null)
        {
            Matrix reduced = workspace.ReducedOf(a.RowCount);
            pass.Multiplier.Multiply(outputGradient.Rows, tokenCount, b.Columns, OutputLength, reduced);
            ScaleOperation.Run(pass.Pool, reduced, scale, tokenCount);
            pass.Multiplier.Multiply(reduced.Rows, tokenCount, a.Columns, a.RowCount, inputGradient, accumulate: true);
        }
    }

    public override void Dispose()
    {
        projection.Dispose();
        a.Dispose();
        b.Dispose();
    }
}
