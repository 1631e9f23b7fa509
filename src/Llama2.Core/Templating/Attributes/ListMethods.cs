using System.Numerics;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>Methods of lists, tuples and ranges.</summary>
internal static class ListMethods
{
    public static TemplateValue Copy(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        arguments.BindPositional(context, "copy()", 0, 0);
        return new ListValue(Iteration.Copy(context, receiver));
    }

    public static TemplateValue Count(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        TemplateValue sought = arguments.BindPositional(context, "count()", 1, 1)[0]!;
        int count = 0;
        foreach (TemplateValue item in ((ListValue)receiver).Items)
            count += Comparer.AreSameOrEqual(context, item, sought) ? 1 : 0;
        return IntegerValue.Of(count);
    }

    public static TemplateValue Index(RenderContext context, TemplateValue receiver, CallArguments arguments)
    {
        var list = (ListValue)receiver;
        TemplateValue?[] bound = arguments.BindPositional(context, "index()", 1, list.Kind == ListKind.Range ? 1 : 3);
        int start = Place(1, 0), stop = Place(2, list.Count);
        for (int i = start; i < stop; i++)
        {
            if (Comparer.AreSameOrEqual(context, list.Items[i], bound[0]!))
                return IntegerValue.Of(i);
        }

        throw context.Fault("index() looks for a value that is not in the list");

        int Place(int parameter, int otherwise)
        {
            BigInteger index = Numbers.Require(context, parameter < bound.Length ? bound[parameter] : null, "a bound of index()", otherwise);
            return (int)BigInteger.Clamp(index < 0 ? index + list.Count : index, 0, list.Count);
        }
    }
}
