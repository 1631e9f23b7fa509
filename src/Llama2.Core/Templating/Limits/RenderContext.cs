using System.Globalization;
using System.Runtime.CompilerServices;

namespace Llama2.Templating.Limits;

/// <summary>
/// The state of one rendering: how much of its limits it has used, and its position in the template. To charge something means to add its cost to the
/// amount that has been used.
/// </summary>
internal sealed class RenderContext(SourceText source, TemplateLimits limits, TimeProvider clock, CancellationToken cancellationToken)
{
    // Cancellation and time are checked after this amount of work: 1,024 small charges, or one charge of 65,536 characters. That much work takes
    // about 0.1 ms.
    private const long WorkPerCheck = 1024;

    // A charge of n steps or characters counts as 1 + n / WorkDiscount units of work. The bookkeeping of a charge takes as long as WorkDiscount steps or
    // characters.
    private const int WorkDiscount = 64;

    // The cost of a string in addition to its characters, and the cost of a span of data in a string. Both are counted in characters: a character
    // takes 2 bytes, so the costs are half the sizes of the objects in bytes.
    private const int TextCost = 16, SpanCost = 4;

    // How many products of two bits are computed in the time that a step takes. In this time, 64 products of two 64-bit words are computed, and each of them
    // counts as 64 · 64 products of bits.
    private const int ProductDiscount = 1 << 18;

    // Reading a character is cheaper than writing it, by this factor.
    private const int ScanDiscount = 4;

    private readonly long _start = clock.GetTimestamp();
    private long _stepCount, _totalLength, _workBeforeCheck = WorkPerCheck;
    private int _callDepth;

    public TemplateLimits Limits => limits;

    /// <summary>The offset of the expression or statement being evaluated, for messages.</summary>
    public int Offset { get; set; }

    /// <summary>Whether printing, iterating over, comparing or testing an undefined value is an error.</summary>
    public bool IsStrict { get; init; }

    /// <summary>The time, for <c>strftime_now</c>.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Charges steps.</summary>
    public void Step(long count = 1)
    {
        if (count > limits.MaxStepCount - _stepCount)
            throw Fault("the template takes too many steps", $"at most {Number(limits.MaxStepCount)} are allowed", "shorten its loops or the conversation");
        _stepCount += count;
        Work(count);
    }

    /// <summary>Charges a string before it is created.</summary>
    public void ChargeText(long length, int spanCount)
    {
        CheckLength(length);
        ChargeTotal(length + ((long)SpanCost * spanCount) + TextCost);
    }

    /// <summary>Charges characters before they are appended to a string of a given length.</summary>
    public void ChargeAppend(int length, long added, int spanCount)
    {
        CheckLength(length, added);
        ChargeTotal(added + ((long)SpanCost * spanCount));
    }

    /// <summary>Charges the cost of reading all characters of a text once, before they are read.</summary>
    public void ChargeScan(long length) => ChargeTotal((length / ScanDiscount) + 1);

    /// <summary>Charges an integer before it is created.</summary>
    /// <exception cref="PromptTemplateException">The integer has too many bits.</exception>
    public void ChargeInteger(long bitCount)
    {
        if (bitCount > TemplateLimits.MaxIntegerBitCount)
            throw Fault($"a whole number of {Number(bitCount)} bits", $"at most {Number(TemplateLimits.MaxIntegerBitCount)} are allowed");
        Step(1 + (bitCount / WorkDiscount));
    }

    /// <summary>Charges a product or quotient of integers.</summary>
    public void ChargeProduct(long leftBitCount, long rightBitCount) => Step(1 + (leftBitCount * rightBitCount / ProductDiscount));

    /// <summary>Charges characters that are processed one by one.</summary>
    public void ChargeCharacters(long length) => ChargeTotal(length);

    /// <summary>Enters a call at a given nesting depth in the source.</summary>
    public void EnterCall(int depth)
    {
        _callDepth += depth;
        // Counting calls alone would not limit the stack: each call may be nested 64 levels deep in the source. The code between two calls needs at
        // most 64 KiB of stack.
        if (_callDepth > TemplateLimits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Fault("macros call each other too deep", $"at most {TemplateLimits.MaxDepth} levels of calls and blocks are allowed", "end the recursion sooner");
    }

    public void LeaveCall(int depth) => _callDepth -= depth;

    public PromptTemplateException Fault(string what, string limit = "", string remedy = "") => source.Fault(Offset, what, limit, remedy);

    /// <summary>The exception that the template itself raises.</summary>
    public PromptTemplateException Refusal(string message)
    {
        (int line, int column) = source.Locate(Offset);
        return new PromptTemplateException(message, line, column);
    }

    // A template determines both numbers, so their sum could overflow. Therefore they are not added for the comparison.
    private void CheckLength(long length, long added = 0)
    {
        if (added > limits.MaxTextLength - length)
            throw Fault($"a text of {Number(added > long.MaxValue - length ? long.MaxValue : length + added)} characters", $"at most {Number(limits.MaxTextLength)} are allowed", "shorten the conversation");
    }

    private void ChargeTotal(long length)
    {
        if (length > limits.MaxTotalLength - _totalLength)
        {
            throw Fault(
                "the template copies or reads too much text",
                $"all its strings together may have {Number(limits.MaxTotalLength)} characters",
                "shorten the conversation");
        }

        _totalLength += length;
        Work(length);
    }

    private void Work(long amount)
    {
        _workBeforeCheck -= 1 + (amount / WorkDiscount);
        if (_workBeforeCheck > 0)
            return;
        _workBeforeCheck = WorkPerCheck;
        cancellationToken.ThrowIfCancellationRequested();
        if (clock.GetElapsedTime(_start) > limits.MaxDuration)
        {
            throw Fault(
                "the template takes too long",
                string.Create(CultureInfo.InvariantCulture, $"at most {limits.MaxDuration.TotalSeconds} seconds are allowed"),
                "shorten its loops or the conversation");
        }
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
