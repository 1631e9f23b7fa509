using System.Globalization;
using System.Numerics;

namespace Llama2.Cli.Options;

/// <summary>
/// Finds, by trying numbers, the range that the library accepts, so that a range is defined only in the library's own checks. This is used
/// only for error messages, because it causes up to a few hundred exceptions.
/// </summary>
internal static class NumberRange
{
    private const double Tolerance = 1e-6;

    /// <summary>Describes the accepted numbers in words: <c>a whole number from 1 to 1,024</c>, or <c>a number above 0 and of at most 1</c>.</summary>
    /// <param name="use">Passes a number to the library, which throws an <see cref="ArgumentException"/> if it refuses the number. The accepted
    /// numbers must form one range without gaps.</param>
    /// <param name="known">
    /// A number that the library accepts. It may be null if the library accepts some power of two from 1/16 to 2,048, which is then found by trying.
    /// </param>
    public static string Describe<T>(Func<T, object> use, T? known)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        T taken = known ?? Enumerable.Range(-4, 16).Select(exponent => T.CreateTruncating(Math.Pow(2, exponent))).First(value => Takes(use, value));
        T min = FindEnd(use, taken, T.MinValue), max = FindEnd(use, taken, T.MaxValue);
        return IsWhole<T>() ? string.Create(CultureInfo.InvariantCulture, $"a whole number from {min:N0} to {max:N0}") : DescribeFractions(min, max);
    }

    /// <summary>Whether a numeric type represents only integers.</summary>
    public static bool IsWhole<T>()
        where T : struct, INumber<T> => T.IsZero(T.CreateTruncating(0.5));

    /// <summary>Whether the library accepts a number.</summary>
    public static bool Takes<T>(Func<T, object> use, T value)
    {
        try
        {
            _ = use(value);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // Finds the last accepted number between an accepted number and one end of the type's range, by bisection.
    private static T FindEnd<T>(Func<T, object> use, T taken, T end)
        where T : struct, INumber<T>
    {
        if (Takes(use, end))
            return end;
        T refused = end;
        while (true)
        {
            // The middle is computed in double, in which the sum of the two halves does not overflow.
            var middle = T.CreateSaturating((double.CreateChecked(taken) / 2) + (double.CreateChecked(refused) / 2));
            if (middle == taken || middle == refused)
                return taken;
            if (Takes(use, middle))
                taken = middle;
            else
                refused = middle;
        }
    }

    // If the smallest accepted number is the smallest number of the type above 0, the range is described as "above 0". If the largest accepted number
    // is the last number below an integer, the range is described as "below" that integer. In both cases the limit itself is not accepted.
    private static string DescribeFractions<T>(T min, T max)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        double end = double.CreateChecked(max), next = Math.Round(end);
        bool isAboveZero = min > T.Zero && T.IsZero(min / T.CreateChecked(2)), isBelowNext = end < next && next - end < Tolerance;
        string least = isAboveZero ? "above 0" : string.Create(CultureInfo.InvariantCulture, $"of at least {min}");
        string most = isBelowNext ? string.Create(CultureInfo.InvariantCulture, $"below {next}") : string.Create(CultureInfo.InvariantCulture, $"of at most {max}");
        return (min == T.MinValue, max == T.MaxValue) switch
        {
            (true, true) => "a number",
            (true, false) => $"a number {most}",
            (false, true) => $"a number {least}",
            _ when !isAboveZero && !isBelowNext => string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"),
            _ => $"a number {least} and {most}",
        };
    }
}
