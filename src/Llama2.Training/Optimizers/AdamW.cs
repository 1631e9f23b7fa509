using Llama2.Threading;
using Llama2.Training.Checkpoints;
using Llama2.Training.Kernels;
using Llama2.Training.Tensors;

namespace Llama2.Training.Optimizers;

/// <summary>Updates all parameters by AdamW (Loshchilov and Hutter 2017, arXiv 1711.05101).</summary>
internal sealed class AdamW : IDisposable
{
    /// <summary>The number of weights that a thread updates at a time, a multiple of <see cref="QuantizedMoments.BlockLength"/>.</summary>
    public const int BlockLength = 4096;

    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly AdamWSettings _settings;
    private readonly WorkerPool _pool;
    private readonly Moments[] _moments;
    private readonly double[] _squares;

    /// <param name="parameters">The trained parameters; they are not disposed with this object.</param>
    /// <param name="settings">The constants.</param>
    /// <param name="quantizesMoments">Whether moments are kept in 8 bits.</param>
    /// <param name="pool">The threads.</param>
    public AdamW(IReadOnlyList<Parameter> parameters, AdamWSettings settings, bool quantizesMoments, WorkerPool pool)
    {
        _parameters = parameters;
        _settings = settings;
        _pool = pool;
        _moments = new Moments[parameters.Count];
        for (int i = 0; i < _moments.Length; i++)
        {
            long length = parameters[i].Values.PaddedLength;
            _moments[i] = quantizesMoments ? new QuantizedMoments(length) : new SingleMoments(length);
        }

        _squares = new double[parameters.Select(parameter => BlockCount(parameter.Values)).DefaultIfEmpty(0).Max()];
    }

    /// <summary>The number of completed steps.</summary>
    public int StepCount { get; private set; }

    /// <summary>The size of the moments in bytes.</summary>
    public static long ByteSizeFor(long parameterCount, bool quantizesMoments)
        => quantizesMoments ? 2 * parameterCount + 2 * sizeof(float) * (parameterCount / QuantizedMoments.BlockLength + 1) : 2 * sizeof(float) * parameterCount;

    /// <summary>
    /// Computes the Euclidean norm of all gradients together. The squares of a block are added in float32, and the sums of the blocks in float64, in
    /// a fixed order.
    /// </summary>
    public double ComputeGradientNorm()
    {
        double sum = 0;
        foreach (Parameter parameter in _parameters)
        {
            int blockCount = BlockCount(parameter.Gradient);
            _pool.Run(new SumSquares(parameter.Gradient, _squares), blockCount);
            for (int block = 0; block < blockCount; block++)
            {
                sum += _squares[block];
            }
        }

        return Math.Sqrt(sum);
    }

    /// <summary>Updates all parameters, and clears their gradients.</summary>
    /// <param name="learningRate">The step's learning rate, which each parameter multiplies by its own factor.</param>
    /// <param name="gradientScale">The factor by which all gradients are multiplied; it is less than 1 if they are clipped.</param>
    public void Step(double learningRate, double gradientScale)
    {
        StepCount++;
        for (int i = 0; i < _moments.Length; i++)
        {
            Parameter parameter = _parameters[i];
            double rate = learningRate * parameter.LearningRateFactor;
            var step = new AdamWStep(
                _settings.Beta1, _settings.Beta2,
                (float)(rate / (1 - Math.Pow(_settings.Beta1, StepCount))), (float)(1 / Math.Sqrt(1 - Math.Pow(_settings.Beta2, StepCount))), _settings.Epsilon,
                parameter.Decays ? (float)(1 - rate * _settings.WeightDecay) : 1, (float)gradientScale);
            _pool.Run(new UpdateBlocks(parameter, _moments[i], step), BlockCount(parameter.Values));
        }
    }

    /// <summary>Writes the moments to a checkpoint, or reads them from one.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="stepCount">The number of steps that were completed when the checkpoint was written.</param>
    public void Exchange(ICheckpointExchange checkpoint, int stepCount)
    {
        StepCount = stepCount;
        for (int i = 0; i < _moments.Length; i++)
        {
            _moments[i].Exchange(checkpoint, _parameters[i].Name);
        }
    }

    public void Dispose() => Array.ForEach(_moments, moments => moments.Dispose());

    private static int BlockCount(Matrix matrix) => checked((int)((matrix.PaddedLength + BlockLength - 1) / BlockLength));

    private static Span<float> Block(Matrix matrix, int block)
    {
        long start = (long)block * BlockLength;
        return matrix.Slice(start, (int)Math.Min(BlockLength, matrix.PaddedLength - start));
    }

    private readonly record struct SumSquares(Matrix Gradient, double[] Squares) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int block = start; block < end; block++)
            {
                Squares[block] = LaneSums.SumOfSquares(Block(Gradient, block));
            }
        }
    }

    private readonly record struct UpdateBlocks(Parameter Parameter, Moments Moments, AdamWStep Step) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int block = start; block < end; block++)
            {
                Moments.Update((long)block * BlockLength, Block(Parameter.Values, block), Block(Parameter.Gradient, block), Step);
            }
        }
    }
}
