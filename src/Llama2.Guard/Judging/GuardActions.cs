namespace Llama2.Guard.Judging;

/// <summary>Checks values of <see cref="GuardAction"/>.</summary>
internal static class GuardActions
{
    public static GuardAction Check(GuardAction action, string name) =>
        Enum.IsDefined(action) ? action : throw new ArgumentOutOfRangeException(name, action, "The action must be ignore, mask or block.");
}
