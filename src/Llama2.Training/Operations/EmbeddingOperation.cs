using System.Numerics.Tensors;
using Llama2.Model;
using Llama2.Threading;
using Llama2.Training.Tensors;

namespace Llama2.Training.Operations;

/// <summary>Looks up the embedding of each token, and computes the gradient of the table.</summary>
internal static class EmbeddingOperation
{
    private const int ColumnBlock = 64;

    /// <summary>Copies rows of a trained table.</summary>
    public static void Forward(WorkerPool pool, Matrix table, int[] tokens, Matrix output, int tokenCount) => pool.Run(new CopyRows(table, tokens, output), tokenCount);

    /// <summary>Decodes rows of a frozen table.</summary>
    public static void Forward(WorkerPool pool, EmbeddingTable table, int[] tokens, Matrix output, int tokenCount)
        => pool.Run(new DecodeRows(table, tokens, output), tokenCount);

    /// <summary>
    /// Adds each token's gradient to the token's row of the table. The gradients of a token that occurs several times are added in the order of the
    /// batch.
    /// </summary>
    public static void Backward(WorkerPool pool, int[] tokens, Matrix outputGradient, Matrix tableGradient, int tokenCount)
        => pool.Run(new AddColumns(tokens, outputGradient, tableGradient, tokenCount), (tableGradient.ColumnCount + ColumnBlock - 1) / ColumnBlock);

    private readonly record struct CopyRows(Matrix Table, int[] Tokens, Matrix Output) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Table[Tokens[token]].CopyTo(Output[token]);
            }
        }
    }

    private readonly record struct DecodeRows(EmbeddingTable Table, int[] Tokens, Matrix Output) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                Table.Read(Tokens[token], Output[token]);
            }
        }
    }

    private readonly record struct AddColumns(int[] Tokens, Matrix OutputGradient, Matrix TableGradient, int TokenCount) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int block = start; block < end; block++)
            {
                int column = block * ColumnBlock, count = Math.Min(ColumnBlock, TableGradient.ColumnCount - column);
                for (int token = 0; token < TokenCount; token++)
                {
                    Span<float> row = TableGradient[Tokens[token]].Slice(column, count);
                    TensorPrimitives.Add(row, OutputGradient[token].Slice(column, count), row);
                }
            }
        }
    }
}
