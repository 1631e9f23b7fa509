namespace Llama2.Templating.Syntax;

/// <summary>How a place in a template stands to the loops around it.</summary>
/// <param name="IsInLoop">Whether there is one; then no variable named <c>loop</c> can be set.</param>
/// <param name="CanLeave">Whether <c>break</c> and <c>continue</c> can leave it: not from a body that is rendered apart, such as a macro's.</param>
internal readonly record struct LoopPlace(bool IsInLoop, bool CanLeave)
{
    /// <summary>The body of a loop.</summary>
    public static LoopPlace Body { get; } = new(IsInLoop: true, CanLeave: true);

    /// <summary>A body at this place that is rendered apart.</summary>
    public LoopPlace Captured => this with { CanLeave = false };
}
