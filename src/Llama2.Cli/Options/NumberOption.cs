using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>Options that take a number. The library's own options check the range, so that it is defined only once.</summary>
internal static class NumberOption
{
    /// <param name="name">The option, such as <c>--top-k</c>.</param>
    /// <param name="helpName">The placeholder for the number in the help.</param>
    /// <param name="description">A line of the help.</param>
    /// <param name="use">Passes the number to the library; an <see cref="ArgumentException"/> is reported as wrong usage.</param>
    /// <param name="defaultValue">Shown in the help, and used if the option is not given; null gives null.</param>
    /// <param name="aliases">Short forms.</param>
    public static Option<T?> Create<T>(string name, string helpName, string description, Func<T, object> use, T? defaultValue = null, params string[] aliases)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var option = new Option<T?>(name, aliases)
        {
            HelpName = helpName,
            Description = description,
            CustomParser = result => Parse(result, name, result.Tokens[0].Value, use),
        };
        if (defaultValue is not null)
        {
            option.DefaultValueFactory = _ => defaultValue;
        }

        return option;
    }

    /// <summary>Creates an option that takes one number, or several separated by commas; parameters as for one number.</summary>
    public static Option<T[]> CreateList<T>(string name, string helpName, string description, Func<T, object> use, T[] defaultValue)
        where T : struct, INumber<T>, IMinMaxValue<T>
        => new(name)
        {
            HelpName = helpName,
            Description = description,
            Arity = ArgumentArity.ExactlyOne,
            DefaultValueFactory = _ => defaultValue,
            CustomParser = result => ParseList(result, name, use),
        };

    private static T[]? ParseList<T>(ArgumentResult result, string name, Func<T, object> use)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        string[] parts = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
        var values = new T[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (Parse(result, name, parts[i], use) is not T value)
            {
                return null;
            }

            values[i] = value;
        }

        return values;
    }

    private static T? Parse<T>(ArgumentResult result, string name, string text, Func<T, object> use)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        bool isWhole = T.IsZero(T.CreateTruncating(0.5));
        if (!T.TryParse(text, isWhole ? NumberStyles.AllowLeadingSign : NumberStyles.Float, CultureInfo.InvariantCulture, out T value))
        {
            string expected = isWhole ? string.Create(CultureInfo.InvariantCulture, $"a whole number of at most {T.MaxValue:N0}") : "a number";
            result.AddError($"{name}: '{PrintableText.Shorten(text, 40)}' is not {expected}.");
            return null;
        }

        try
        {
            _ = use(value);
            return value;
        }
        catch (ArgumentException exception)
        {
            result.AddError(ErrorSentence.OfOption(name, exception));
            return null;
        }
    }
}
