namespace Llama2.Evaluation.Reports;

/// <summary>Tests of paired samples: two values for each example.</summary>
internal static class PairedStatistics
{
    /// <summary>
    /// The exact test of McNemar (1947): if neither model is better, the two-sided probability that the examples on which they differ are divided at least as
    /// unevenly between them.
    /// </summary>
    /// <param name="first">The number of examples on which only the first model is right.</param>
    /// <param name="second">The number of examples on which only the second model is right.</param>
    public static double McNemar(int first, int second)
    {
        long count = (long)first + second, least = Math.Min(first, second);
        // The logarithm of the probability of i successes in fair trials, from i = 0 on.
        double logarithm = -count * Math.Log(2), sum = 0;
        for (long i = 0; i <= least; i++)
        {
            sum += Math.Exp(logarithm);
            logarithm += Math.Log((double)(count - i) / (i + 1));
        }

        return Math.Min(1, 2 * sum);
    }

    /// <summary>The two-sided probability of a value of Student's t at least as far from 0.</summary>
    /// <param name="t">The value.</param>
    /// <param name="degrees">The degrees of freedom, 1 or more.</param>
    public static double StudentTest(double t, double degrees)
        => double.IsInfinity(t) ? 0 : IncompleteBeta(degrees / 2, 0.5, degrees / (degrees + (t * t)));

    /// <summary>The value that Student's t exceeds in either direction with a probability of 5 %.</summary>
    /// <param name="degrees">The degrees of freedom, 1 or more.</param>
    public static double StudentQuantile(double degrees)
    {
        // With one degree of freedom it is 12.7, with infinitely many 1.96. 60 halvings leave a distance below the rounding of double precision.
        double low = 1.9, high = 13;
        for (int i = 0; i < 60; i++)
        {
            double middle = (low + high) / 2;
            if (StudentTest(middle, degrees) > 0.05)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    // The regularized incomplete beta function I_x(a, b) by its continued fraction (DLMF 8.17.22), evaluated by the method of Lentz.
    private static double IncompleteBeta(double a, double b, double x)
    {
        if (x is <= 0 or >= 1)
            return x <= 0 ? 0 : 1;
        // The fraction converges fast below the mean; above it, the function is the complement.
        if (x > (a + 1) / (a + b + 2))
            return 1 - IncompleteBeta(b, a, 1 - x);
        double front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x))) / a;
        return front / Fraction(a, b, x);
    }

    private static double Fraction(double a, double b, double x)
    {
        const double Tiny = 1e-300;
        double value = 1, c = 1, d = 0;
        for (int i = 1; i <= 2000; i++)
        {
            int m = i / 2;
            double term = i % 2 == 0
                ? m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)))
                : -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (term * d));
            c = NotZero(1 + (term / c));
            value *= c * d;
            if (Math.Abs((c * d) - 1) < 1e-16)
                break;
        }

        return value;

        static double NotZero(double number) => Math.Abs(number) < Tiny ? Tiny : number;
    }

    // Stirling's series (DLMF 5.11.1), after the recurrence has made the argument large enough for the first terms.
    private static double LogGamma(double x)
    {
        double shift = 0;
        for (; x < 15; x++)
            shift -= Math.Log(x);
        double inverse = 1 / x, square = inverse * inverse;
        double series = inverse * ((1.0 / 12) - (square * ((1.0 / 360) - (square * ((1.0 / 1260) - (square * ((1.0 / 1680) - (square / 1188))))))));
        return shift + ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series;
    }
}
