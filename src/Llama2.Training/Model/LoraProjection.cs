using Llama2.Sampling;
using Llama2.Training.Operations;
using Llama2.Training.Tensors;

namespace Llama2.Training.Model;

/// <summary>
/// A linear layer with a low-rank adapter (Hu et al. 2021, arXiv 2106.09685): <c>y = base(x) + scale · B · A · dropout(x)</c>. Initially A is random
/// and B is zero, so that training begins with the unchanged model.
/// </summary>
internal sealed class LoraProjection : Projection
{
    /// <summary>The suffix of the layer's tensor's name in the names of A and B.</summary>
    public const string SuffixA = ".lora_a", SuffixB = ".lora_b";

    private readonly Projection _base;
    private readonly LoraWorkspace _workspace;
    private readonly float _scale;
    private readonly float _dropout;
    private readonly ulong _seed;
    private readonly Matrix _down;

    /// <param name="projection">The layer that is adapted; it is disposed with this object.</param>
    /// <param name="name">The name of the layer's tensor.</param>
    /// <param name="shape">Rank and scale.</param>
    /// <param name="options">Dropout, and the ratio of the learning rates.</param>
    /// <param name="seed">The seed of A's initial values, and of this layer's dropout.</param>
    /// <param name="workspace">The memory that all adapters share.</param>
    public LoraProjection(Projection projection, string name, LoraShape shape, LoraOptions options, ulong seed, LoraWorkspace workspace)
    {
        _base = projection;
        _workspace = workspace;
        _scale = shape.Scale;
        _dropout = options.Dropout;
        _seed = seed;
        A = new(name + SuffixA, shape.Rank, projection.InputLength) { IsFactor = true };
        B = new(name + SuffixB, projection.OutputLength, shape.Rank) { IsFactor = true, LearningRateFactor = options.LoraPlusRatio };
        _down = new(workspace.TokenCapacity, shape.Rank);
        Initialize(new RandomSource(seed));
    }

    /// <summary>[rank, input]</summary>
    public Parameter A { get; }

    /// <summary>[output, rank]</summary>
    public Parameter B { get; }

    public override int InputLength => _base.InputLength;

    public override int OutputLength => _base.OutputLength;

    public override IEnumerable<Parameter> Parameters => [A, B];

    public override void Forward(TrainingPass pass, Matrix input, Matrix output, int tokenCount, bool accumulate = false)
    {
        _base.Forward(pass, input, output, tokenCount, accumulate);
        if (pass.UsesAdapters)
        {
            pass.Multiplier.Multiply(DropOut(pass, input, tokenCount).Rows, tokenCount, A.Values.Rows, InputLength, _down);
            ScaleOperation.Run(pass.Pool, _down, _scale, tokenCount);
            pass.Multiplier.Multiply(_down.Rows, tokenCount, B.Values.Rows, B.Values.ColumnCount, output, accumulate: true);
        }
    }

    public override void Backward(TrainingPass pass, Matrix input, Matrix outputGradient, Matrix? inputGradient, int tokenCount, bool accumulate = false)
    {
        _base.Backward(pass, input, outputGradient, inputGradient, tokenCount, accumulate);
        int rank = B.Values.ColumnCount;
        Matrix downGradient = _workspace.ReducedOf(rank);
        pass.Multiplier.Multiply(outputGradient.Columns, OutputLength, _down.Columns, tokenCount, B.Gradient, accumulate: true);
        pass.Multiplier.Multiply(outputGradient.Rows, tokenCount, B.Values.Columns, OutputLength, downGradient);
        ScaleOperation.Run(pass.Pool, downGradient, _scale, tokenCount);
        pass.Multiplier.Multiply(downGradient.Columns, rank, DropOut(pass, input, tokenCount).Columns, tokenCount, A.Gradient, accumulate: true);
        if (inputGradient is not null && DropsOut(pass))
        {
            Matrix dropped = _workspace.InputOf(InputLength);
            pass.Multiplier.Multiply(downGradient.Rows, tokenCount, A.Values.Columns, rank, dropped);
            DropoutOperation.Backward(pass.Pool, dropped, _dropout, MaskSeed(pass), inputGradient, tokenCount);
        }
        else if (inputGradient is not null)
        {
            pass.Multiplier.Multiply(downGradient.Rows, tokenCount, A.Values.Columns, rank, inputGradient, accumulate: true);
        }
    }

    public override void Dispose()
    {
        _base.Dispose();
        _down.Dispose();
    }

    /// <summary>The seed of a layer's dropout. The seeds of the batch and of the layer are mixed, so that a row's mask is different in each layer and in each batch.</summary>
    public static ulong MaskSeed(TrainingPass pass, ulong layerSeed) => new RandomSource(pass.Seed ^ layerSeed).NextUInt64();

    private bool DropsOut(TrainingPass pass) => pass.IsTraining && _dropout > 0;

    private ulong MaskSeed(TrainingPass pass) => MaskSeed(pass, _seed);

    private Matrix DropOut(TrainingPass pass, Matrix input, int tokenCount)
    {
        if (!DropsOut(pass))
        {
            return input;
        }

        Matrix dropped = _workspace.InputOf(InputLength);
        DropoutOperation.Forward(pass.Pool, input, _dropout, MaskSeed(pass), dropped, tokenCount);
        return dropped;
    }

    // A gets uniformly distributed values between −1/√input and 1/√input, as PyTorch's linear layers and A in PEFT do.
    private void Initialize(RandomSource random)
    {
        double bound = 1 / Math.Sqrt(InputLength);
        for (int row = 0; row < A.Values.RowCount; row++)
        {
            foreach (ref float value in A.Values[row])
            {
                value = (float)((2 * random.NextDouble() - 1) * bound);
            }
        }
    }
}
