using Llama2.Tensors;
using Llama2.Training;
using Llama2.Training.Model;
using Llama2.Training.Tensors;

namespace Llama2.Benchmarks;

/// <summary>A frozen layer with an adapter; the times of the layer and of the adapter are measured separately.</summary>
internal sealed class TimedProjection(WeightMatrix weights, LoraOptions options, LoraWorkspace workspace, OperationTimes times) : Projection
{
    private readonly FrozenProjection _frozen = new(weights, quantizesActivations: false);
    private readonly LoraProjection _adapter = new(new Nothing(weights.ColumnCount, weights.RowCount), "", new LoraShape(options.Rank, options.Alpha, options.Scale), options, 1, workspace);

    public override int InputLength => weights.ColumnCount;

    public override int OutputLength => weights.RowCount;

    public override IEnumerable<Parameter> Parameters => _adapter.Parameters;

    public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
    {
        _frozen.Forward(pass, input, output, tokenCount, accumulate);
        times.Add("frozen matrices, forward");
        _adapter.Forward(pass, input, output, tokenCount, accumulate);
        times.Add("adapters, forward");
    }

    public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
    {
        _frozen.Backward(pass, input, outputGradient, inputGradient, tokenCount, accumulate);
        times.Add("frozen matrices, gradient of the input");
        _adapter.Backward(pass, input, outputGradient, inputGradient, tokenCount, accumulate);
        times.Add("adapters, gradients");
    }

    public override void Dispose() => _adapter.Dispose();

    // Takes the place of the layer below the adapter, so that the adapter's time is measured alone.
    private sealed class Nothing(int inputLength, int outputLength) : Projection
    {
        public override int InputLength => inputLength;

        public override int OutputLength => outputLength;

        public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
        {
        }

        public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
        {
        }

        public override void Dispose()
        {
        }
    }
}
