using Llama2.Training.Kernels;

namespace Llama2.Training.Optimizers;

/// <summary>
/// Encodes numbers from −1 to 1, or from 0 to 1, in 8 bits (dynamic tree quantization, Dettmers 2015, arXiv 1511.04561). The codes cover seven
/// decades. Each decade has twice as many codes as the next lower decade. Both small and large numbers of a block therefore keep significant digits.
/// A number is encoded by the code whose number is nearest. Immutable.
/// </summary>
internal static class DynamicCode
{
    private const int DecadeCount = 7;

    /// <summary>The codes of numbers from −1 to 1.</summary>
    public static CodeLookup Signed { get; } = Create(isSigned: true);

    /// <summary>The codes of numbers from 0 to 1.</summary>
    public static CodeLookup Unsigned { get; } = Create(isSigned: false);

    /// <summary>The 256 numbers of the codes, ascending.</summary>
    public static double[] NumbersOf(bool isSigned)
    {
        List<double> numbers = [0, 1];
        for (int decade = 0; decade < DecadeCount; decade++)
        {
            // The interval from 0.1 to 1 is divided into equal parts. The midpoints of the parts, scaled to the decade, are the numbers of the
            // decade.
            int count = isSigned ? 1 << decade : 2 << decade;
            for (int i = 0; i < count; i++)
            {
                double number = (0.1 + 0.9 * (i + 0.5) / count) * Math.Pow(10, decade - DecadeCount + 1);
                numbers.Add(number);
                if (isSigned)
                {
                    numbers.Add(-number);
                }
            }
        }

        numbers.Sort();
        return [.. numbers];
    }

    private static CodeLookup Create(bool isSigned)
    {
        double[] numbers = NumbersOf(isSigned);
        return new CodeLookup(
            Array.ConvertAll(numbers, number => (float)number),
            [.. numbers.Zip(numbers.Skip(1), (lower, upper) => (float)((lower + upper) / 2))]);
    }
}
