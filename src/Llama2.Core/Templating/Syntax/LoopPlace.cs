namespace Llama2.Templating.Syntax;

/// <summary>The relation of a place in a template to the loops around it.</summary>
/// <param name="IsInLoop">Whether the place is in a loop; if so, no variable named <c>loop</c> can be set.</param>
/// <param name="CanLeave">
/// Whether <c>break</c> and <c>continue</c> are allowed: they cannot leave a body that is rendered separately, such as a macro's.
/// </param>
internal readonly record struct LoopPlace(bool IsInLoop, bool CanLeave)
{
    /// <summary>A place in the body of a loop.</summary>
    public static LoopPlace Body { get; } = new(IsInLoop: true, CanLeave: true);

    /// <summary>A place in a separately rendered body that begins at this place.</summary>
    public LoopPlace Captured => this with { CanLeave = false };
}
