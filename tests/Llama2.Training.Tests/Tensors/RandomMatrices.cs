using Llama2.Training.Tensors;

namespace Llama2.Training.Tests.Tensors;

/// <summary>
/// Matrices of random numbers from −0.5 to 0.5, in float64 for reference implementations and in float32; both contain exactly the same numbers.
/// </summary>
internal static class RandomMatrices
{
    public static double[][] Values(int rowCount, int columnCount, Random random)
        => [.. Enumerable.Range(0, rowCount).Select(_ => Enumerable.Range(0, columnCount).Select(_ => (double)(random.NextSingle() - 0.5f)).ToArray())];

    public static Matrix Of(double[][] values)
    {
        var matrix = new Matrix(values.Length, values[0].Length);
        for (int row = 0; row < values.Length; row++)
        {
            for (int column = 0; column < values[row].Length; column++)
            {
                matrix[row][column] = (float)values[row][column];
            }
        }

        return matrix;
    }

    public static double[][] Transpose(double[][] values)
        => [.. Enumerable.Range(0, values[0].Length).Select(column => values.Select(row => row[column]).ToArray())];
}
