using Llama2.Templating.Limits;

namespace Llama2.Templating.Values;

/// <summary>Determines which values can be keys of a dict, and the cost of looking up a key.</summary>
internal static class DictionaryKey
{
    /// <summary>Charges the cost of hashing a key and comparing it with another key. Returns false for a value that has no hash.</summary>
    public static bool TryCharge(RenderContext context, TemplateValue key)
    {
        switch (key)
        {
            case TextValue text:
                context.ChargeScan(text.Text.Length);
                return true;
            case IntegerValue integer:
                context.ChargeInteger(integer.Value.GetBitLength());
                return true;
            case ListValue { Bounds: RangeBounds bounds }:
                context.ChargeInteger(Math.Max(bounds.Start.GetBitLength(), bounds.Stop.GetBitLength()));
                return true;
            case ListValue { Kind: ListKind.Tuple } tuple:
                foreach (TemplateValue item in tuple.Items)
                {
                    context.Step();
                    if (!TryCharge(context, item))
                        return false;
                }

                return true;
            default:
                return key is not (ListValue or DictionaryValue);
        }
    }

    /// <exception cref="PromptTemplateException">The value has no hash.</exception>
    public static TemplateValue Require(RenderContext context, TemplateValue key) =>
        TryCharge(context, key) ? key : throw context.Fault($"a key of a dict is of type {key.TypeName}", "it must be a value that does not change: a string, a number or a tuple");
}
