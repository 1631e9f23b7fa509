using System.Globalization;
using Llama2.Templating.Attributes;
using Llama2.Templating.Limits;
using Llama2.Templating.Values;

namespace Llama2.Templating.Filtering;

/// <summary>
/// An attribute in the form in which templates name it in the arguments of filters: <c>a.b.0</c>, or an index. It is parsed once, whatever the number
/// of items.
/// </summary>
internal sealed class AttributePath
{
    private readonly TemplateValue[] _parts;
    private readonly TemplateValue? _otherwise;

    private AttributePath(TemplateValue[] parts, TemplateValue? otherwise)
    {
        _parts = parts;
        _otherwise = otherwise;
    }

    /// <param name="context">The rendering.</param>
    /// <param name="attribute">The attribute; null or the value <c>none</c> means the item itself.</param>
    /// <param name="otherwise">The value that replaces an undefined part; null or the value <c>none</c> if undefined parts are not replaced.</param>
    public static AttributePath Parse(RenderContext context, TemplateValue? attribute, TemplateValue? otherwise = null)
    {
        TemplateValue? replacement = otherwise is NoneValue ? null : otherwise;
        return attribute switch
        {
            null or NoneValue => new AttributePath([], replacement),
            TextValue path => new AttributePath(Split(context, path.Text), replacement),
            _ => new AttributePath([attribute], replacement),
        };
    }

    /// <summary>Parses an argument of the filter <c>sort</c>: attributes, separated by commas.</summary>
    public static AttributePath[] ParseSeveral(RenderContext context, TemplateValue? attribute)
    {
        if (attribute is not TextValue text)
            return [Parse(context, attribute)];
        context.ChargeScan(text.Text.Length);
        context.Step(text.Text.AsSpan().Count(','));
        return [.. text.Text.Split(',').Select(path => Parse(context, TextValue.Own(path)))];
    }

    /// <summary>The attribute of an item.</summary>
    public TemplateValue Of(RenderContext context, TemplateValue item)
    {
        context.Step(_parts.Length);
        foreach (TemplateValue part in _parts)
        {
            item = Members.Item(context, item, part);
            if (item.IsUndefined && _otherwise is not null)
                item = _otherwise;
        }

        return item;
    }

    private static TemplateValue[] Split(RenderContext context, string path)
    {
        context.ChargeScan(path.Length);
        context.Step(Iteration.TextStepCount * (1L + path.AsSpan().Count('.')));
        return [.. path.Split('.').Select(part => IsNumber(part, out long index) ? (TemplateValue)IntegerValue.Of(index) : TextValue.Own(part))];
    }

    private static bool IsNumber(string part, out long index) => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out index);
}
