using System.Globalization;

namespace Llama2.Templating;

/// <summary>One rendering: what it has used up of its limits, and where in the template it is.</summary>
internal sealed class RenderContext(SourceText source, TemplateLimits limits, TimeProvider clock, CancellationToken cancellationToken)
{
    // Cancellation is looked at once in so many charges; a charge takes less than 0.1 µs.
    private const int ChargesPerCheck = 1024;

    // What a string costs beside its characters, and a span of data in it, in characters: the objects' bytes halved.
    private const int TextCost = 16, SpanCost = 4;

    // Reading characters is cheaper than making them.
    private const int ScanDiscount = 4;

    private long _stepCount, _totalLength;
    private int _chargeCount, _callDepth;

    public TemplateLimits Limits => limits;

    /// <summary>The offset of what is being evaluated, for messages.</summary>
    public int Offset { get; set; }

    /// <summary>The time, for <c>strftime_now</c>.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Charges steps.</summary>
    public void Step(long count = 1)
    {
        if (count > limits.MaxStepCount - _stepCount)
            throw Fault("the template takes too many steps", $"at most {Number(limits.MaxStepCount)} are taken", "shorten its loops or the conversation");
        _stepCount += count;
        if (++_chargeCount % ChargesPerCheck == 0)
            cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Charges a string that is about to be made.</summary>
    public void ChargeText(long length, int spanCount)
    {
        CheckLength(length);
        ChargeTotal(length + ((long)SpanCost * spanCount) + TextCost);
    }

    /// <summary>Charges what is about to be appended to a string of a length.</summary>
    public void ChargeAppend(int length, int added, int spanCount)
    {
        CheckLength((long)length + added);
        ChargeTotal(added + ((long)SpanCost * spanCount));
    }

    /// <summary>Charges characters that are about to be looked through for a text of some length, which may take their product.</summary>
    public void ChargeScan(int length, int soughtLength = 1) => ChargeTotal(((long)length / ScanDiscount * (1 + (soughtLength / 64))) + 1);

    /// <summary>Charges characters that are looked at one by one.</summary>
    public void ChargeCharacters(int length) => ChargeTotal(length);

    /// <summary>Enters a call that stands some levels deep in the source.</summary>
    public void EnterCall(int depth)
    {
        _callDepth += depth;
        if (_callDepth > TemplateLimits.MaxDepth)
            throw Fault("macros call each other too deep", $"at most {TemplateLimits.MaxDepth} levels of calls and blocks are entered", "end the recursion sooner");
    }

    public void LeaveCall(int depth) => _callDepth -= depth;

    /// <summary>Gives a new list or dict back unless it is nested too deep.</summary>
    public TemplateValue Nest(TemplateValue value) =>
        value.Depth <= TemplateLimits.MaxDepth ? value : throw Fault("lists or dicts are nested too deep", $"at most {TemplateLimits.MaxDepth} levels are");

    public PromptTemplateException Fault(string what, string limit = "", string remedy = "") => source.Fault(Offset, what, limit, remedy);

    /// <summary>The fault that the template itself declares.</summary>
    public PromptTemplateException Refusal(string message)
    {
        (int line, int column) = source.Locate(Offset);
        return new PromptTemplateException(message, line, column);
    }

    private void CheckLength(long length)
    {
        if (length > limits.MaxTextLength)
            throw Fault($"a text of {Number(length)} characters", $"at most {Number(limits.MaxTextLength)} are made", "shorten the conversation");
    }

    private void ChargeTotal(long length)
    {
        _totalLength += length;
        if (_totalLength > limits.MaxTotalLength)
        {
            throw Fault(
                "the template copies or reads too much text",
                $"all its strings together may have {Number(limits.MaxTotalLength)} characters",
                "shorten the conversation");
        }

        if (++_chargeCount % ChargesPerCheck == 0)
            cancellationToken.ThrowIfCancellationRequested();
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
