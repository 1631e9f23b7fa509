using System.Globalization;
using Llama2.Templating.Characters;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Operations;

/// <summary>Python's format specification: <c>[[fill]align][sign][z][#][0][width][grouping][.precision][type]</c>.</summary>
internal sealed record FormatSpecification
{
    /// <summary>The character with which text is padded to the width.</summary>
    public TextValue Filling { get; private init; } = TextValue.Own(" ");

    /// <summary>The alignment: &lt;, &gt; or ^, or = for padding after the sign; NUL for the type's default alignment.</summary>
    public char Alignment { get; private init; }

    /// <summary>The sign option: +, - or a space; NUL if there is none.</summary>
    public char Sign { get; private init; }

    /// <summary>Whether a negative zero becomes positive.</summary>
    public bool DropsNegativeZero { get; private init; }

    /// <summary>Whether the alternative form (<c>#</c>) is requested.</summary>
    public bool IsAlternative { get; private init; }

    public long Width { get; private init; }

    /// <summary>The comma or underscore between groups of digits; NUL if digits are not grouped.</summary>
    public char Grouping { get; private init; }

    /// <summary>The number of digits after the point, or the number of characters of a text; null if not given.</summary>
    public int? Precision { get; private init; }

    /// <summary>The type's letter; NUL if not given.</summary>
    public char Type { get; private init; }

    public static FormatSpecification Parse(RenderContext context, TextValue text, bool isNumber)
    {
        string specification = text.Text;
        int i = 0;
        var parsed = new FormatSpecification();
        int filling = specification.Length == 0 ? 0 : CodePoints.UnitCount(specification, 0);
        if (filling > 0 && filling < specification.Length && IsAlignment(specification[filling]))
        {
            parsed = parsed with { Filling = text.Slice(context, 0, filling), Alignment = specification[filling] };
            i = filling + 1;
        }
        else if (filling > 0 && IsAlignment(specification[0]))
        {
            parsed = parsed with { Alignment = specification[0] };
            i = 1;
        }

        bool hasFilling = i > 1;
        if (At(i) is '+' or '-' or ' ')
            parsed = parsed with { Sign = specification[i++] };
        if (At(i) == 'z')
            (parsed, i) = (parsed with { DropsNegativeZero = true }, i + 1);
        if (At(i) == '#')
            (parsed, i) = (parsed with { IsAlternative = true }, i + 1);
        if (At(i) == '0' && !hasFilling)
            (parsed, i) = (parsed with { Filling = TextValue.Own("0"), Alignment = parsed.Alignment == '\0' && isNumber ? '=' : parsed.Alignment }, i + 1);
        parsed = parsed with { Width = ReadNumber(context, specification, ref i) ?? 0 };
        if (At(i) is ',' or '_')
            parsed = parsed with { Grouping = specification[i++] };
        if (At(i) == '.')
        {
            i++;
            parsed = parsed with { Precision = ReadNumber(context, specification, ref i) ?? throw context.Fault("a format specification has no digits after its point") };
        }

        if (i < specification.Length)
            parsed = parsed with { Type = specification[i++] };
        return i == specification.Length ? parsed : throw context.Fault($"'{specification}' is not a valid format specification");

        char At(int index) => index < specification.Length ? specification[index] : '\0';
    }

    private static bool IsAlignment(char character) => character is '<' or '>' or '=' or '^';

    private static int? ReadNumber(RenderContext context, string specification, ref int i)
    {
        int start = i;
        while (i < specification.Length && char.IsAsciiDigit(specification[i]))
            i++;
        if (i == start)
            return null;
        return int.TryParse(specification.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw context.Fault("a number in a format specification has too many digits", $"at most {context.Limits.MaxTextLength} characters are allowed");
    }
}
