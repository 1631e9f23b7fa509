using System.Globalization;
using System.Numerics;

namespace Llama2.Cli.Options;

/// <summary>
/// Finds which numbers the library takes, by trying: a range is written in the library's own checks and nowhere else. For messages of wrong usage, as a
/// range costs up to some hundred exceptions.
/// </summary>
internal static class NumberRange
{
    private const double Tolerance = 1e-6;

    /// <summary>The numbers that are taken, in words: <c>a whole number from 1 to 1,024</c>, <c>a number above 0 and at most 1</c>.</summary>
    /// <param name="use">Gives a number to the library, which refuses it with an <see cref="ArgumentException"/>. The numbers that it takes have no gap.</param>
    /// <param name="known">A number that it takes; null where some power of two from 1/16 to 2,048 is one.</param>
    public static string Describe<T>(Func<T, object> use, T? known)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        T taken = known ?? Enumerable.Range(-4, 16).Select(exponent => T.CreateTruncating(Math.Pow(2, exponent))).First(value => Takes(use, value));
        T min = FindEnd(use, taken, T.MinValue), max = FindEnd(use, taken, T.MaxValue);
        return IsWhole<T>() ? string.Create(CultureInfo.InvariantCulture, $"a whole number from {min:N0} to {max:N0}") : DescribeFractions(min, max);
    }

    /// <summary>Whether a type has no fractions.</summary>
    public static bool IsWhole<T>()
        where T : struct, INumber<T> => T.IsZero(T.CreateTruncating(0.5));

    /// <summary>Whether the library takes a number.</summary>
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

    // The last number that is taken between one that is and the end of the type.
    private static T FindEnd<T>(Func<T, object> use, T taken, T end)
        where T : struct, INumber<T>
    {
        if (Takes(use, end))
            return end;
        T refused = end;
        while (true)
        {
            // In double, where the sum of the ends does not overflow.
            var middle = T.CreateSaturating((double.CreateChecked(taken) / 2) + (double.CreateChecked(refused) / 2));
            if (middle == taken || middle == refused)
                return taken;
            if (Takes(use, middle))
                taken = middle;
            else
                refused = middle;
        }
    }

    // The least number above 0, or the last below a whole one, stands for a limit that is not taken itself.
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
