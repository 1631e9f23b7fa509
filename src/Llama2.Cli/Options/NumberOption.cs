using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Llama2.Cli.Output;

namespace Llama2.Cli.Options;

/// <summary>
/// Creates options that take a number. The library's own options check the range of the number, so that the range is defined only once
/// (<see cref="NumberRange"/>).
/// </summary>
internal static class NumberOption
{
    /// <param name="name">The option, such as <c>--top-k</c>.</param>
    /// <param name="helpName">The placeholder for the number in the help.</param>
    /// <param name="description">A line of the help.</param>
    /// <param name="use">Passes the number to the library; an <see cref="ArgumentException"/> is reported as wrong usage.</param>
    /// <param name="defaultValue">The value that is used if the option is not given, and that the help shows; null for no value.</param>
    /// <param name="aliases">Short forms of the name, such as <c>-n</c>.</param>
    public static Option<T?> Create<T>(string name, string helpName, string description, Func<T, object> use, T? defaultValue = null, params string[] aliases)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var option = new Option<T?>(name, aliases)
        {
            HelpName = helpName,
            Description = description,
            CustomParser = result => Parse(result, name, result.Tokens[0].Value, use, defaultValue),
        };
        if (defaultValue is not null)
        {
            option.DefaultValueFactory = _ => defaultValue;
        }

        return option;
    }

    /// <summary>Creates an option that takes one number, or several separated by commas. The parameters are the same as for an option with one number.</summary>
    public static Option<T[]> CreateList<T>(string name, string helpName, string description, Func<T, object> use, T[] defaultValue)
        where T : struct, INumber<T>, IMinMaxValue<T>
        => new(name)
        {
            HelpName = helpName,
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result => ParseList(result, name, use, defaultValue[0]),
        };

    private static T[]? ParseList<T>(ArgumentResult result, string name, Func<T, object> use, T known)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        string[] parts = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
        var values = new T[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (Parse<T>(result, name, parts[i], use, known) is not T value)
            {
                return null;
            }

            values[i] = value;
        }

        return values;
    }

    private static T? Parse<T>(ArgumentResult result, string name, string text, Func<T, object> use, T? known)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        NumberStyles style = NumberRange.IsWhole<T>() ? NumberStyles.AllowLeadingSign : NumberStyles.Float;
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out T value) && NumberRange.Takes(use, value))
            return value;
        result.AddError($"{name}: '{PrintableText.Shorten(text, 40)}' is not {NumberRange.Describe(use, known)}.");
        return null;
    }
}
