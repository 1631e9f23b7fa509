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
    /// <param name="pool">The threads.</param>
    /// <param name="table">The trained table.</param>
    /// <param name="rows">The row of each token; the output of a token whose row is negative does not change.</param>
    /// <param name="output">Receives the embeddings.</param>
    /// <param name="tokenCount">The number of tokens.</param>
    public static void Forward(WorkerPool pool, Matrix table, int[] rows, Matrix output, int tokenCount) => pool.Run(new CopyRows(table, rows, output), tokenCount);

    /// <summary>Decodes rows of a frozen table.</summary>
    public static void Forward(WorkerPool pool, EmbeddingTable table, int[] tokens, Matrix output, int tokenCount)
        => pool.Run(new DecodeRows(table, tokens, output), tokenCount);

    /// <summary>
    /// Adds each token's gradient to the token's row of the table, unless its row is negative. The gradients of a token that occurs several times are added in the
    /// order of the batch.
    /// </summary>
    public static void Backward(WorkerPool pool, int[] rows, Matrix outputGradient, Matrix tableGradient, int tokenCount)
        => pool.Run(new AddColumns(rows, outputGradient, tableGradient, tokenCount), (tableGradient.ColumnCount + ColumnBlock - 1) / ColumnBlock);

    private readonly record struct CopyRows(Matrix Table, int[] Rows, Matrix Output) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                if (Rows[token] >= 0)
                {
                    Table[Rows[token]].CopyTo(Output[token]);
                }
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

    private readonly record struct AddColumns(int[] Rows, Matrix OutputGradient, Matrix TableGradient, int TokenCount) : IParallelWork
    {
        public void Run(int start, int end, int worker)
        {
            for (int block = start; block < end; block++)
            {
                int column = block * ColumnBlock, count = Math.Min(ColumnBlock, TableGradient.ColumnCount - column);
                for (int token = 0; token < TokenCount; token++)
                {
                    if (Rows[token] < 0)
                    {
                        continue;
                    }

                    Span<float> row = TableGradient[Rows[token]].Slice(column, count);
                    TensorPrimitives.Add(row, OutputGradient[token].Slice(column, count), row);
                }
            }
        }
    }
}
