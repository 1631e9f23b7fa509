using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// A linear layer whose weights are trained as a whole and stored in an adapter. Without adapters, a pass uses the model's own weights, as the reference of
/// preferences needs them.
/// </summary>
/// <param name="original">The layer with the model's own weights; it is disposed with this object.</param>
/// <param name="weights">[output, input]: the trained weights; they are not disposed with this object.</param>
internal sealed class ReplacedProjection(Projection original, Parameter weights) : Projection
{
    private readonly TrainedProjection _trained = new(weights);

    public override int InputLength => _trained.InputLength;

    public override int OutputLength => _trained.OutputLength;

    public override IEnumerable<Parameter> Parameters => _trained.Parameters;

    public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
        => (pass.UsesAdapters ? _trained : original).Forward(pass, input, output, tokenCount, accumulate);

    public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
        => _trained.Backward(pass, input, outputGradient, inputGradient, tokenCount, accumulate);

    public override void Dispose()
    {
        _trained.Dispose();
        original.Dispose();
    }
}
