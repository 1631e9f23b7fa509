using System.Numerics;
using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>The arguments of a <c>range</c>, which determine how it is printed and sliced.</summary>
internal sealed record RangeBounds(BigInteger Start, BigInteger Stop, BigInteger Step)
{
    /// <summary>The range, which has the given number of items.</summary>
    public ListValue ToList(RenderContext context, int count)
    {
        context.Step(count);
        var items = new TemplateValue[count];
        BigInteger value = Start;
        bool isLarge = Math.Max(Start.GetBitLength(), Stop.GetBitLength()) > 64;
        for (int i = 0; i < count; i++, value += Step)
        {
            if (isLarge)
                context.ChargeInteger(value.GetBitLength());
            items[i] = IntegerValue.Of(value);
        }

        return new ListValue(items, ListKind.Range) { Bounds = this };
    }
}
