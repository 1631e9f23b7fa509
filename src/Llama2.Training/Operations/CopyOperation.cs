using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>Copies the rows of all tokens, or of selected tokens. The gradient of a copy is a copy, too.</summary>
internal static class CopyOperation
{
    /// <summary>Copies the first tokens.</summary>
    public static void Run(WorkerPool pool, Matrix source, Matrix destination, int tokenCount)
        => pool.Run(new CopyTokens(source, destination), tokenCount);

    /// <summary>Copies row <c>rows[start + i]</c> to row i.</summary>
    public static void Gather(WorkerPool pool, Matrix source, int[] rows, int start, Matrix destination, int count)
        => pool.Run(new GatherTokens(source, rows, start, destination), count);

    /// <summary>Copies row i to row <c>rows[start + i]</c>.</summary>
    public static void Scatter(WorkerPool pool, Matrix source, int[] rows, int start, Matrix destination, int count)
        => pool.Run(new ScatterTokens(source, rows, start, destination), count);

    private readonly record struct CopyTokens(Matrix Source, Matrix Destination) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Source[token].CopyTo(Destination[token]);
            }
        }
    }

    private readonly record struct GatherTokens(Matrix Source, int[] Rows, int First, Matrix Destination) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Source[Rows[First + token]].CopyTo(Destination[token]);
            }
        }
    }

    private readonly record struct ScatterTokens(Matrix Source, int[] Rows, int First, Matrix Destination) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Source[token].CopyTo(Destination[Rows[First + token]]);
            }
        }
    }
}
