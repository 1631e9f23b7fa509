using Llama2.Training.Tensors;

namespace Llama2.Training.Tests;

/// <summary>Compares gradients with central differences of a float64 reference implementation.</summary>
internal static class GradientCheck
{
    private const double Step = 1e-5;

    /// <summary>
    /// The derivative of <paramref name="loss"/> with respect to each number of the matrix <paramref name="at"/>. Its error is about Step², the error of a
    /// central difference, plus about 1e-16 / Step, the error of rounding; both are about 1e-10 or less.
    /// </summary>
    public static double[][] CentralDifferences(Func<double> loss, double[][] at)
    {
        double[][] gradient = [.. at.Select(row => new double[row.Length])];
        for (int row = 0; row < at.Length; row++)
        {
            for (int column = 0; column < at[row].Length; column++)
            {
                double value = at[row][column];
                at[row][column] = value + Step;
                double above = loss();
                at[row][column] = value - Step;
                double below = loss();
                at[row][column] = value;
                gradient[row][column] = (above - below) / (2 * Step);
            }
        }

        return gradient;
    }

    /// <summary>
    /// Each number may differ from the expected number by 2e-5 of the largest one: this allows for some hundred roundings of a relative 6e-8. A wrong term or
    /// factor would cause a difference of tens of percent.
    /// </summary>
    public static void ShouldBeNear(this Matrix actual, double[][] expected, string what, double tolerance = 2e-5)
    {
        double largest = expected.SelectMany(row => row).Max(Math.Abs);
        largest.Should().BeGreaterThan(0, $"{what} is tested");
        for (int row = 0; row < expected.Length; row++)
        {
            for (int column = 0; column < expected[row].Length; column++)
            {
                double difference = Math.Abs(actual[row][column] - expected[row][column]);
                (difference <= tolerance * largest).Should().BeTrue($"{what}[{row}, {column}] is {actual[row][column]}, not {expected[row][column]}");
            }
        }
    }

    /// <summary>Σ weights · values: a loss whose gradient is the weights.</summary>
    public static double Dot(double[][] weights, double[][] values)
        => weights.Zip(values, (left, right) => left.Zip(right, (a, b) => a * b).Sum()).Sum();
}
