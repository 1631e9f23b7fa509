using System.Numerics;

namespace Llama2.Templating.Values;

/// <summary>
/// Equality and hashes of a dict's keys, as in Python: 1, 1.0 and true are one key. Keys have been accepted by <see cref="DictionaryKey"/>, so
/// recursion is as deep as the nesting of tuples.
/// </summary>
internal sealed class KeyComparer : IEqualityComparer<TemplateValue>
{
    public static KeyComparer Instance { get; } = new();

    public bool Equals(TemplateValue? x, TemplateValue? y) => ReferenceEquals(x, y) || (x, y) switch
    {
        (TextValue left, TextValue right) => left.Text == right.Text,
        (ListValue left, ListValue right) => HaveEqualItems(left, right),
        (UndefinedValue, UndefinedValue) => true,
        ({ } left, { } right) when Numbers.IsNumber(left) && Numbers.IsNumber(right) => Numbers.AreEqual(left, right),
        _ => false,
    };

    public int GetHashCode(TemplateValue obj)
    {
        switch (obj)
        {
            case TextValue text:
                return text.Text.GetHashCode();
            case DoubleValue number when !Numbers.IsWhole(number.Value):
                return HashCode.Combine(BitConverter.DoubleToInt64Bits(number.Value) >> 32, (int)BitConverter.DoubleToInt64Bits(number.Value));
            case ListValue { Kind: ListKind.Range } range:
                return range.Count == 0 ? 0 : HashCode.Combine(range.Count, GetHashCode(range.Items[0]), GetHashCode(range.Items[^1]));
            case ListValue list:
                var hash = default(HashCode);
                foreach (TemplateValue item in list.Items)
                    hash.Add(GetHashCode(item));
                return hash.ToHashCode();
            case UndefinedValue:
                return 1;
            case NoneValue:
                return 2;
            default:
                return Numbers.IsNumber(obj) ? Hash(Numbers.ToWhole(obj)) : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
        }
    }

    // HashCode has a different seed in each process, so no input can be constructed to cause collisions.
    private static int Hash(BigInteger value)
    {
        var hash = default(HashCode);
        hash.AddBytes(value.ToByteArray());
        return hash.ToHashCode();
    }

    private bool HaveEqualItems(ListValue left, ListValue right)
    {
        if (left.Count != right.Count || left.Kind != right.Kind)
            return false;
        // The items of a range are determined by their number, the first item and the last item.
        if (left.Kind == ListKind.Range)
            return left.Count == 0 || (Equals(left.Items[0], right.Items[0]) && Equals(left.Items[^1], right.Items[^1]));
        for (int i = 0; i < left.Count; i++)
        {
            if (!Equals(left.Items[i], right.Items[i]))
                return false;
        }

        return true;
    }
}
