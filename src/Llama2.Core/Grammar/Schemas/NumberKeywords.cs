using System.Text.Json;
using Llama2.Grammar.Regexes;

namespace Llama2.Grammar.Schemas;

/// <summary>The keywords of numbers: bounds and divisors.</summary>
internal static class NumberKeywords
{
    public static void Read(SchemaNode node, List<Formula> parts)
    {
        ReadBound(node, "minimum", "exclusiveMinimum", isMinimum: true, parts);
        ReadBound(node, "maximum", "exclusiveMaximum", isMinimum: false, parts);
        if (node.TryGet("multipleOf", out JsonElement divisor))
        {
            ExactDecimal step = ReadNumber(node, "multipleOf", divisor);
            if (step.Mantissa.Sign <= 0)
                throw node.Fault("multipleOf", "the divisor must be above 0");
            parts.Add(step.Mantissa <= NumberRegexes.MaxDivisor
                ? new MultipleConstraint(step)
                : new Refusal(JsonTypes.Number, $"{node.Path}/multipleOf", $"the divisor, without its decimal point, is above {NumberRegexes.MaxDivisor:N0}; the limit protects time and memory"));
        }
    }

    public static ExactDecimal ReadNumber(SchemaNode node, string keyword, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number)
            throw node.Fault(keyword, "the value must be a number");
        node.Document.Budget.Charge(4);
        try
        {
            return ExactDecimal.Parse(value.GetRawText());
        }
        catch (Exception exception) when (exception is GrammarLimitException or OverflowException)
        {
            throw node.Fault(keyword, $"the number has more than {ExactDecimal.MaxDigitCount} digits");
        }
    }

    /// <summary>
    /// Reads a number of characters, items or properties: an integer of 0 or more. Numbers above <see cref="int.MaxValue"/>, which no text can reach,
    /// are read as <see cref="int.MaxValue"/>.
    /// </summary>
    public static int? ReadCount(SchemaNode node, string keyword)
    {
        if (!node.TryGet(keyword, out JsonElement value))
            return null;
        ExactDecimal count = ReadNumber(node, keyword, value);
        if (count.Mantissa.Sign < 0 || count.Scale > 0)
            throw node.Fault(keyword, "the value must be an integer of 0 or more");
        return count.Mantissa > int.MaxValue ? int.MaxValue : (int)count.Mantissa;
    }

    // Up to draft 4, the exclusive keyword is a boolean that applies to the bound beside it. Since draft 6, it is a bound of its own.
    private static void ReadBound(SchemaNode node, string keyword, string exclusiveKeyword, bool isMinimum, List<Formula> parts)
    {
        bool hasExclusive = node.TryGet(exclusiveKeyword, out JsonElement exclusive);
        bool isBoolean = hasExclusive && exclusive.ValueKind is JsonValueKind.True or JsonValueKind.False;
        if (node.TryGet(keyword, out JsonElement bound))
            Add(keyword, bound, isBoolean && exclusive.ValueKind == JsonValueKind.True);
        if (hasExclusive && !isBoolean)
            Add(exclusiveKeyword, exclusive, isExclusive: true);

        void Add(string name, JsonElement value, bool isExclusive) =>
            parts.Add(new BoundConstraint(new NumberBound(value.GetRawText(), ReadNumber(node, name, value), isExclusive), isMinimum));
    }
}
