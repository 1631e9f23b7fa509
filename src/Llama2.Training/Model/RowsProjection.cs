using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// The output matrix with some rows that are trained and stored in an adapter: their products take the place of those of the model's own rows. Without adapters, a
/// pass uses only the model's own.
/// </summary>
internal sealed class RowsProjection : Projection
{
    private readonly Projection _original;
    private readonly Parameter _rows;
    private readonly IReadOnlyList<int> _outputs;
    private readonly Matrix _products;

    /// <param name="original">The layer with the model's own weights; it is disposed with this object.</param>
    /// <param name="rows">The trained rows, with the outputs that they compute (<see cref="Parameter.ReplacedRows"/>); they are not disposed with this object.</param>
    /// <param name="tokenCapacity">The maximum number of tokens of a call.</param>
    public RowsProjection(Projection original, Parameter rows, int tokenCapacity)
    {
        _original = original;
        _rows = rows;
        _outputs = rows.ReplacedRows!;
        _products = new(tokenCapacity, _outputs.Count);
    }

    public override int InputLength => _original.InputLength;

    public override int OutputLength => _original.OutputLength;

    public override IEnumerable<Parameter> Parameters => [_rows];

    /// <inheritdoc/>
    /// <remarks>An output matrix's products are never added to others, so <paramref name="accumulate"/> must be false.</remarks>
    public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
    {
        _original.Forward(pass, input, output, tokenCount, accumulate);
        if (!pass.UsesAdapters)
        {
            return;
        }

        pass.Multiplier.Multiply(input.Rows, tokenCount, _rows.Values.Rows, InputLength, _products, accumulate: false);
        for (int token = 0; token < tokenCount; token++)
        {
            for (int i = 0; i < _outputs.Count; i++)
            {
                output[token][_outputs[i]] = _products[token][i];
            }
        }
    }

    // The gradients of outputs that the trained rows compute are taken out of the gradient of the output, so that the model's own rows do not get them.
    public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
    {
        for (int token = 0; token < tokenCount; token++)
        {
            for (int i = 0; i < _outputs.Count; i++)
            {
                ref float gradient = ref outputGradient[token][_outputs[i]];
                (_products[token][i], gradient) = (gradient, 0);
            }
        }

        _original.Backward(pass, input, outputGradient, inputGradient, tokenCount, accumulate);
        pass.Multiplier.Multiply(_products.Columns, _outputs.Count, input.Columns, tokenCount, _rows.Gradient, accumulate: true);
        if (inputGradient is not null)
        {
            pass.Multiplier.Multiply(_products.Rows, tokenCount, _rows.Values.Columns, _outputs.Count, inputGradient, accumulate: true);
        }
    }

    public override void Dispose()
    {
        _products.Dispose();
        _original.Dispose();
    }
}
